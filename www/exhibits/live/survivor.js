/**
 * A noise that survives being saved, found in whole grey levels. Its file is read
 * again and classified before it is offered.
 */
import { html, nothing } from 'lit';
import { onEscape } from '../../escape.js';
import { Part } from '../../parts/part.js';
import '../../parts/pixel-view.js';
import '../../parts/progress-line.js';
import { spoken } from '../../parts/spoken.js';
import { Task } from '../../task.js';
import {
  SURVIVAL,
  findingText,
  noSurvivor,
  notOffered,
  nothingToFind,
  survivorSentence,
} from '../../words/live.js';
import { targetOf } from './attack.js';
import { copyOf } from './follow.js';
import { offer, png } from '../../pictures/download.js';
import { pngOf } from './trips.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Answer, Found, Picture, SmallestProgress } from '../../engine/types.js'
 * @import { Scene } from './scene.js'
 *
 * @typedef {{ of: string, found: Found, picture: Picture, answer: Answer }} Survivor
 */

/** The budget that `www/results/peers.json` has it at, beside other programs. */
const GRADIENTS = 100;

export class SurvivorMaker extends Part {
  static properties = {
    engine: { attribute: false },
    scene: { attribute: false },
    target: { type: Number },
    filming: { type: Boolean },
    progress: { state: true },
    made: { state: true },
    said: { state: true },
  };

  #task = new Task(() => this.requestUpdate());
  #end = () => {};

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** @type {Scene | null} */
    this.scene = null;
    this.target = -1;
    this.filming = false;
    /** @type {SmallestProgress | null} */
    this.progress = null;
    /** @type {Survivor | null} */
    this.made = null;
    /** Why there is none. */
    this.said = '';
  }

  connectedCallback() {
    super.connectedCallback();
    this.#end = onEscape(() => this.#task.stop());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#end();
    this.#task.stop();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    const before = /** @type {Scene | null | undefined} */ (changed.get('scene'));
    const other = before && before.picture.key !== this.scene?.picture.key;
    const network = before && before.picture.pixels.side !== this.scene?.picture.pixels.side;
    if (other || network || changed.has('target') || (changed.has('scene') && !this.scene)) {
      this.#task.stop();
      this.made = null;
      this.said = '';
    }
  }

  render() {
    const { progress, made, said, scene } = this;
    if (this.#task.running) {
      return html`<div class="survivor">
        <progress-line
          id="finding"
          .text=${findingText(progress)}
          .value=${progress?.gradients ?? 0}
          .max=${progress?.maxGradients ?? 1}
        ></progress-line>
        <button type="button" id="stop-finding" @click=${() => this.#task.stop()}>
          ${SURVIVAL.stop}
        </button>
      </div>`;
    }
    return html`<div class="survivor">
      ${made ? this.#offered(made) : nothing}
      <div class="survivor-ask">
        <button type="button" id="find" ?disabled=${!scene?.clean} @click=${this.#find}>
          ${SURVIVAL.find}
        </button>
        <p class="fine" role=${said ? 'alert' : nothing}>${said || SURVIVAL.findNote}</p>
      </div>
    </div>`;
  }

  updated() {
    this.dataset.state = this.#task.running ? 'finding' : this.made ? 'found' : 'idle';
  }

  /** @param {Survivor} made */
  #offered({ of, found, picture, answer }) {
    return html`<div class="survived">
      <div class="trip-picture">
        <pixel-view .picture=${picture} .label=${SURVIVAL.madeTitle}></pixel-view>
      </div>
      <div>
        <p id="survivor" role="status" data-label=${answer.top[0].label}>
          ${spoken(survivorSentence(found, answer))}
        </p>
        <button
          type="button"
          id="download"
          @click=${async () =>
            offer(`foolscope-${of.replace(/[^\w-]+/g, '-')}-survives.png`, await png(picture))}
        >
          ${SURVIVAL.download}
        </button>
      </div>
    </div>`;
  }

  async #find() {
    const { engine, scene } = this;
    if (!engine || !scene) return;
    this.progress = null;
    this.said = '';
    try {
      await this.#task.run((signal) => this.#search(engine, scene, signal));
    } catch (error) {
      this.said = /** @type {Error} */ (error).message;
    }
  }

  /** @param {Engine} engine @param {Scene} scene @param {AbortSignal} signal */
  async #search(engine, scene, signal) {
    const pixels = copyOf(scene.picture.pixels);
    const target = await targetOf(engine, this.target);
    const found = await engine.smallest(pixels, {
      target: target?.label,
      gradients: GRADIENTS,
      rounded: true,
      signal,
      onBest: (best) => signal.aborted || (this.progress = best),
    });
    signal.throwIfAborted();
    const { clean } = found;
    const fools = (/** @type {Answer} */ { top: [{ label }] }) =>
      target ? label === target.label : label !== clean.top[0].label;
    this.made = null;
    if (target && fools(clean)) {
      this.said = nothingToFind(clean);
      return;
    }
    if (!fools(found.adversarial)) {
      this.said = noSurvivor(clean);
      return;
    }
    const rgba = new Uint8ClampedArray(
      /** @type {Uint8Array<ArrayBuffer>} */ (found.perturbedRgba),
    );
    const picture = await engine.loadPicture(await pngOf({ ...pixels, rgba }), { signal });
    const { clean: answer } = await engine.classify(picture, { signal });
    signal.throwIfAborted();
    if (fools(answer)) this.made = { of: scene.picture.key, found, picture, answer };
    else this.said = notOffered;
  }
}

customElements.define('survivor-maker', SurvivorMaker);

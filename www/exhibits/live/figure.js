/**
 * The one figure: picture + noise = sum, class bars under the first and the
 * third, and a sentence that says it in words.
 */
import { html, nothing } from 'lit';
import '../../parts/class-bars.js';
import '../../parts/compare-view.js';
import '../../parts/noise-view.js';
import { Part } from '../../parts/part.js';
import '../../parts/pixel-view.js';
import { showing } from '../../parts/source-view.js';
import { CLEAN_BARS, rateText, verdictOf } from '../../words/common.js';
import { fooledText, targetedVerdict, targetTitle } from '../../words/live.js';
import { FIGURE, GROWING, SMALLER, SMALLEST, UNIVERSAL } from '../../words/live-figure.js';
import { RANDOM_NOISE } from '../../words/pictures.js';
import './figure.css';
import { noiseControls } from './noise-controls.js';
import { makingFigures, noiseFigures } from './noise-figures.js';
import { telling } from './telling.js';

/**
 * @import { Coming } from '../../pictures/arrivals.js'
 * @import { Engine } from '../../engine/engine.js'
 * @import { Device, DeviceWish, Perturbation, PerturbationInfo, Progress } from '../../engine/types.js'
 * @import { Search } from './attack.js'
 * @import { Making } from './making.js'
 * @import { OwnNoise } from '../../pictures/noises.js'
 * @import { Scene } from './scene.js'
 */

export class LiveFigure extends Part {
  /** The visitor started a long work here, so the focus is ours to move. */
  #busy = false;
  /** Where the focus belongs once that is done. */
  #back = '#deepfool';

  static properties = {
    scene: { attribute: false },
    coming: { attribute: false },
    universal: { attribute: false },
    wanted: {},
    shipped: { attribute: false },
    own: { attribute: false },
    attack: { attribute: false },
    making: { attribute: false },
    noise: {},
    target: { type: Number },
    engine: { attribute: false },
    networkId: {},
    levels: { type: Number },
    network: {},
    switching: {},
    device: { attribute: false },
    checked: { type: Boolean },
    wish: {},
    progress: { attribute: false },
    beside: { attribute: false },
    trouble: {},
    score: { attribute: false },
    filming: { type: Boolean },
    rate: { type: Number },
    frames: { attribute: false },
  };

  constructor() {
    super();
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {Coming | null} */
    this.coming = null;
    /** The one that is in use. @type {Perturbation | OwnNoise | null} */
    this.universal = null;
    /** The id of one that was chosen and is not there yet. */
    this.wanted = '';
    /** @type {PerturbationInfo[]} */
    this.shipped = [];
    /** @type {OwnNoise[]} */
    this.own = [];
    /** @type {Search | null} */
    this.attack = null;
    /** A noise of the visitor's own that is being made. @type {Making | null} */
    this.making = null;
    /** What the visitor asked for; the scene has what is there already. */
    this.noise = /** @type {Scene['noise']} */ ('none');
    /** Of a class that DeepFool's noise is to lead to; -1 for any other. */
    this.target = -1;
    /** @type {Engine | null} */
    this.engine = null;
    this.networkId = '';
    this.levels = 0;
    this.network = '';
    /** The title of another network that is on its way. */
    this.switching = '';
    /** @type {Device | null} */
    this.device = null;
    this.checked = true;
    /** Which device the visitor asked for. */
    this.wish = /** @type {DeviceWish} */ ('auto');
    /** @type {Progress | null} */
    this.progress = null;
    /** Something large that nobody waits for. @type {Progress | null} */
    this.beside = null;
    /** @type {string | null} */
    this.trouble = null;
    this.score = { fooled: 0, seen: 0 };
    this.filming = false;
    /** The camera's frames a second. */
    this.rate = 0;
    this.frames = { fooled: 0, seen: 0 };
  }

  render() {
    return html`<figure class="equation" aria-label=${FIGURE.equation}>
        ${this.#picture()}
        <span class="sign" aria-hidden="true">${sign('M4 12h16M12 4v16')}</span>
        ${this.#noise()}
        <span class="sign" aria-hidden="true">${sign('M4 9h16M4 15h16')}</span>
        ${this.#sum()}
      </figure>
      ${telling(this)}`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    // A visitor's choice moves the menu at once; if it cannot be had, the menu moves back.
    const which = /** @type {HTMLSelectElement | null} */ (this.querySelector('#which'));
    if (which) which.value = this.#whichNoise();
    // Where the button under somebody's finger went away, the next one takes over.
    const changes = changed.has('attack') || changed.has('making');
    const lost = changes && document.activeElement === document.body;
    if (!lost || !this.isConnected || !this.#busy) return;
    const next = this.attack || this.making ? '#cancel' : this.#back;
    this.#focus(next);
    this.#busy = this.attack !== null || this.making !== null;
  }

  /** @param {string} next */
  async #focus(next) {
    // A field that has just come back is filled a moment later.
    const field = /** @type {Part | null} */ (this.querySelector('class-field'));
    if (next === '#target') await field?.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector(next))?.focus();
  }

  /** Tells of a long work. @param {string} type @param {unknown} [detail] */
  begin(type, detail) {
    this.#back = '#deepfool';
    this.#busy = true;
    this.tell(type, detail);
  }

  /** A class was written into the field, which goes away while DeepFool runs. */
  aimed() {
    this.#back = '#target';
    this.#busy = true;
  }

  #picture() {
    const { scene, coming } = this;
    // What is named is what is seen: a picture that cannot be shown yet takes over with its answer.
    const named = coming?.preview || !scene ? coming : scene.picture;
    const title = named?.title ?? FIGURE.picture;
    return html`<section class="term" id="picture" aria-busy=${coming !== null}>
      <div class="square" ?data-coming=${coming}>
        ${
          coming?.preview
            ? html`<div class="preview">${showing(coming.preview, title)}</div>`
            : scene
              ? html`<pixel-view
                  .picture=${scene.picture.pixels}
                  .label=${scene.picture.title}
                ></pixel-view>`
              : nothing
        }
      </div>
      <div class="under">
        <h2 class="caption">
          ${title} ${this.filming ? html`<span id="rate">${rateText(this.rate)}</span>` : nothing}
        </h2>
        <class-bars
          .answer=${scene?.clean ?? null}
          .clean=${scene?.clean?.top[0].label ?? -1}
          .moving=${this.filming}
          label=${CLEAN_BARS}
        ></class-bars>
      </div>
    </section>`;
  }

  #noise() {
    const { scene, attack, making } = this;
    const noise = scene?.noise ?? 'none';
    const title = {
      none: FIGURE.noise,
      universal: making ? GROWING : UNIVERSAL,
      random: RANDOM_NOISE,
      deepfool: scene?.target ? targetTitle(scene.target.name) : scene?.first ? SMALLER : SMALLEST,
    }[noise];
    const chosen = !making && (noise === 'universal' || noise === 'random');
    return html`<section class="term" id="noise">
      <div class="square">
        <noise-view
          .drawing=${scene?.drawing ?? null}
          .empty=${attack || making ? '' : FIGURE.noNoise}
          .label=${title}
        ></noise-view>
      </div>
      <div class="under">
        ${chosen ? this.#choice() : html`<h2 class="caption">${title}</h2>`}
        ${attack && !attack.smaller ? nothing : making ? makingFigures(making) : noiseFigures(scene, this.universal)}
      </div>
      ${noiseControls(this)}
    </section>`;
  }

  #whichNoise() {
    return this.wanted || (this.noise === 'random' ? 'random' : (this.universal?.id ?? ''));
  }

  /** Which universal noise, or a random one just as large. */
  #choice() {
    const option = (/** @type {string} */ id, /** @type {string} */ title) =>
      html`<option value=${id}>${title}</option>`;
    return html`<h2 class="visually-hidden">${FIGURE.noise}</h2>
      <select
        id="which"
        aria-label=${FIGURE.which}
        aria-busy=${this.wanted !== ''}
        @change=${(/** @type {Event} */ event) =>
          this.tell('which', /** @type {HTMLSelectElement} */ (event.target).value)}
      >
        <optgroup label=${UNIVERSAL}>
          ${this.shipped.map(({ id, title }) => option(id, title))}
          ${[...this.own].reverse().map(({ id, title }) => option(id, title))}
        </optgroup>
        <optgroup label=${FIGURE.compare}>${option('random', RANDOM_NOISE)}</optgroup>
      </select>`;
  }

  #sum() {
    const { scene } = this;
    return html`<section class="term" id="sum">
      <div class="square">
        ${
          scene?.sum
            ? html`<compare-view
                .first=${scene.picture.pixels}
                .second=${scene.sum}
                label=${FIGURE.sumLabel(scene.picture.title)}
              ></compare-view>`
            : nothing
        }
      </div>
      <div class="under">
        <h2 class="caption">${FIGURE.sum} ${scene?.perturbed ? verdict(scene) : nothing}</h2>
        ${
          scene?.clean && !scene.perturbed && !this.attack
            ? html`<p class="invitation">${FIGURE.invitation}</p>`
            : html`<class-bars
                .answer=${scene?.perturbed ?? null}
                .clean=${scene?.clean?.top[0].label ?? -1}
                .moving=${this.filming}
                label=${FIGURE.sumBars}
              ></class-bars>`
        }
        ${scene?.found ? html`<p class="fine-print">${FIGURE.finePrint}</p>` : nothing}
      </div>
    </section>`;
  }
}

/** @param {Scene} scene */
const verdict = ({ fooled, found, target, saved }) =>
  html`<span
    class="verdict"
    data-fooled=${fooled}
    data-saved=${saved && target ? saved.top[0].label === target.label : (found?.survivesRounding ?? fooled)}
    >${found && target ? targetedVerdict(found, target, saved) : found ? verdictOf(found) : fooledText(fooled)}</span
  >`;

/** @param {string} path */
const sign = (path) => html`<svg viewBox="0 0 24 24"><path d=${path} /></svg>`;

customElements.define('live-figure', LiveFigure);

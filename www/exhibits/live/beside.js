/**
 * Networks side by side: the same picture and the same sum, answered by one or two
 * further networks. Events: `settings`.
 */
import { html, nothing } from 'lit';
import '../../parts/class-bars.js';
import { Part } from '../../parts/part.js';
import '../../parts/progress-line.js';
import { spoken } from '../../parts/spoken.js';
import {
  BESIDE,
  arrivingText,
  besideSentence,
  fooledText,
  memoryText,
  networkName,
  noneBeside,
  sizeNote,
  whyNotBeside,
} from '../../words/live.js';
import { RESIZED } from '../../words/common.js';
import './beside.css';
import { Companions } from './companions.js';
import { copyOf, follow } from './follow.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { NetworkInfo } from '../../engine/types.js'
 * @import { Asked, Companion } from './companions.js'
 * @import { Scene } from './scene.js'
 */

/** While the webcam runs: milliseconds from one look at it to the next. */
const PAUSE = 250;
/** Weights of which nobody need be told. */
const SMALL = 5e6;

export class NetworksBeside extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    scene: { attribute: false },
    chosen: { attribute: false },
    filming: { type: Boolean },
  };

  #companions = new Companions((ready) => {
    if (ready) this.#ask();
    this.requestUpdate();
  });
  #follow = follow(
    (/** @type {Asked} */ asked) => this.#companions.ask(asked),
    () => (this.filming ? PAUSE : 0),
  );
  /** The picture that was asked about last. */
  #asked = '';

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use. */
    this.network = '';
    /** @type {Scene | null} */
    this.scene = null;
    /** The ids of further ones. @type {string[]} */
    this.chosen = [];
    this.filming = false;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#companions.close();
  }

  connectedCallback() {
    super.connectedCallback();
    // Where it was only moved in the page.
    if (this.hasUpdated) this.#companions.choose(this.#fitting.map(({ id }) => id));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!this.engine || !this.network) return;
    if (changed.has('chosen') || changed.has('network') || changed.has('engine')) {
      const ids = this.#fitting.map(({ id }) => id).slice(0, BESIDE.most);
      this.#companions.choose(ids);
      if (ids.join() !== this.chosen.join()) this.tell('settings', { beside: ids });
    }
    if (changed.has('scene')) this.#ask();
  }

  render() {
    const { engine } = this;
    if (!engine || !this.network) return nothing;
    const used = engine.network;
    const others = engine.networks.filter(({ id, weightFile }) => weightFile && id !== used.id);
    const fitting = others.filter((each) => !whyNotBeside(each, used));
    const some = fitting.length > 0;
    return html`<section class="beside" aria-labelledby="beside-title">
      <h2 id="beside-title">${BESIDE.title}</h2>
      <p class="fine">${some ? BESIDE.note : noneBeside(used)}</p>
      ${fitting.some((each) => sizeNote(each, used)) ? html`<p class="fine">${RESIZED}</p>` : nothing}
      ${some ? this.#choice(others, used) : nothing} ${some ? this.#answers(used) : nothing}
    </section>`;
  }

  updated() {
    const all = this.#companions.all;
    this.dataset.state = all.every(({ said, trouble }) => said ?? trouble) ? 'answered' : 'waiting';
  }

  /** The further networks that the picture and its sum fit. */
  get #fitting() {
    const { engine, chosen } = this;
    if (!engine) return [];
    const used = engine.network;
    return chosen.flatMap((id) => {
      const info = engine.networks.find((each) => each.id === id);
      const fits = info?.weightFile && id !== used.id && !whyNotBeside(info, used);
      return fits ? [info] : [];
    });
  }

  /** @param {NetworkInfo[]} others @param {NetworkInfo} used */
  #choice(others, used) {
    const full = this.chosen.length >= BESIDE.most;
    return html`<fieldset class="beside-choice">
      <legend class="visually-hidden">${BESIDE.open}</legend>
      ${others.map((each) => {
        const why = whyNotBeside(each, used);
        const on = this.chosen.includes(each.id);
        const large = each.weightBytes > SMALL ? memoryText(each.weightBytes) : '';
        const size = sizeNote(each, used);
        const notes = why ? [why] : [size, large, full && !on ? BESIDE.mostText : ''];
        const note = notes.filter(Boolean).join('; ');
        return html`<label class="check">
          <input
            type="checkbox"
            value=${each.id}
            .checked=${on}
            ?disabled=${why !== '' || (full && !on)}
            @change=${this.#toggled}
          />
          <span>${networkName(each)} ${note ? html`<small>${note}</small>` : nothing}</span>
        </label>`;
      })}
    </fieldset>`;
  }

  /** @param {NetworkInfo} used */
  #answers(used) {
    const { scene } = this;
    const all = this.#companions.all;
    if (!all.length) return nothing;
    const answers = all.flatMap(({ id, said }) =>
      said ? [{ title: this.#titleOf(id), ...said }] : [],
    );
    return html`<div class="companions">${all.map((each) => this.#companion(each))}</div>
      <p class="sentence" id="beside-says" aria-live=${this.filming ? 'off' : 'polite'}>
        ${spoken(besideSentence(answers, used.title, scene?.fooled ?? false))}
      </p>`;
  }

  /** @param {Companion} companion */
  #companion({ id, engine, share, trouble, said }) {
    const title = this.#titleOf(id);
    const bars = (/** @type {import('../../engine/types.js').Answer | null} */ answer) =>
      html`<class-bars
        .answer=${answer}
        .clean=${said?.clean.top[0].label ?? -1}
        .moving=${this.filming}
        label="${title}"
      ></class-bars>`;
    return html`<article class="companion" data-network=${id}>
      <h3>${title}</h3>
      ${
        trouble
          ? html`<p role="alert">${trouble}</p>
              <button type="button" @click=${() => this.#companions.again(id)}>
                ${BESIDE.again}
              </button>`
          : engine
            ? html`<div class="companion-bars">
                <div>
                  <p class="caption">${BESIDE.picture}</p>
                  ${bars(said?.clean ?? null)}
                </div>
                <div>
                  <p class="caption">
                    ${BESIDE.sum}
                    ${
                      said?.perturbed
                        ? html`<span class="verdict" data-fooled=${said.fooled}
                            >${fooledText(said.fooled)}</span
                          >`
                        : nothing
                    }
                  </p>
                  ${
                    said && !said.perturbed
                      ? html`<p class="fine">${BESIDE.clean}</p>`
                      : bars(said?.perturbed ?? null)
                  }
                </div>
              </div>`
            : html`<progress-line
                .text=${arrivingText(title, share)}
                .value=${share}
                .max=${1}
              ></progress-line>`
      }
    </article>`;
  }

  /** @param {string} id */
  #titleOf(id) {
    return this.engine?.networks.find((each) => each.id === id)?.title ?? id;
  }

  /** @param {Event} event */
  #toggled(event) {
    const { value, checked } = /** @type {HTMLInputElement} */ (event.target);
    const others = this.chosen.filter((id) => id !== value);
    this.tell('settings', { beside: checked ? [...others, value] : others });
  }

  #ask() {
    const { scene } = this;
    if (!scene?.clean) return;
    const { key, pixels } = scene.picture;
    if (key !== this.#asked) this.#companions.forget();
    this.#asked = key;
    const { sum } = scene;
    this.#follow({
      picture: copyOf(pixels),
      sum: sum && copyOf(sum),
      added: sum && addedIn(scene),
    });
  }
}

/** @param {Scene} scene with a sum @returns {Asked['added']} */
function addedIn({ perturbation, strength, found }) {
  if (perturbation) return { noise: perturbation, strength };
  if (!found) return null;
  const data = /** @type {Float32Array<ArrayBuffer>} */ (found.perturbation);
  return { noise: { data, norm: 'l2' }, strength: 1 };
}

customElements.define('networks-beside', NetworksBeside);

/**
 * Does it survive? The sum is saved in four ways by the browser's own codecs, read
 * again by the engine and classified once more. Below, a noise that survives.
 * Events: `settings`.
 */
import { html, nothing } from 'lit';
import { Part } from '../../parts/part.js';
import '../../parts/pixel-view.js';
import {
  SURVIVAL,
  TRIPS as TITLES,
  answerText,
  fooledText,
  jpegTitle,
  survivalSentence,
} from '../../words/live.js';
import { copyOf, follow } from './follow.js';
import './survival.css';
import './survivor.js';
import { TRIPS, travel } from './trips.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Answer, Picture } from '../../engine/types.js'
 * @import { Scene } from './scene.js'
 * @import { TripId } from './trips.js'
 *
 * What came back from a trip; no picture where the browser cannot do it honestly.
 * @typedef {{ id: TripId, picture: Picture | null, answer: Answer | null, fooled: boolean }} Row
 * @typedef {{ sum: Picture, clean: Answer, quality: number, only: TripId[] }} Job
 */

/** While the webcam runs: milliseconds from one look at it to the next. */
const PAUSE = 700;

export class SurvivalStrip extends Part {
  static properties = {
    engine: { attribute: false },
    scene: { attribute: false },
    quality: { type: Number },
    target: { type: Number },
    filming: { type: Boolean },
    rows: { state: true },
    trouble: { state: true },
  };

  #follow = follow(
    (/** @type {Job} */ job) => this.#answer(job),
    () => (this.filming && this.isConnected ? PAUSE : 0),
  );
  /** What is left to do for the newest sum: a slider must not make the others be forgotten. @type {Set<TripId>} */
  #due = new Set();
  #working = false;

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** @type {Scene | null} */
    this.scene = null;
    this.quality = 90;
    /** The class that DeepFool's noise is to lead to; -1 for any other. */
    this.target = -1;
    this.filming = false;
    /** @type {Row[]} */
    this.rows = [];
    this.trouble = '';
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    const { scene } = this;
    if (!scene?.sum || !scene.clean) {
      if (changed.has('scene')) this.rows = [];
      return;
    }
    const anew = changed.has('scene') || changed.has('engine');
    if (anew) this.#ask(TRIPS);
    else if (changed.has('quality')) this.#ask(['jpeg']);
  }

  render() {
    const { scene, rows, quality, trouble } = this;
    const known = rows.flatMap(({ id, answer, fooled }) => (answer ? [{ id, fooled }] : []));
    return html`<section class="survival" aria-labelledby="survival-title">
      <h2 id="survival-title">${SURVIVAL.title}</h2>
      ${
        scene?.sum
          ? html`<p class="fine">${SURVIVAL.how}</p>
              <ul class="trips" aria-busy=${this.#due.size > 0 && !this.filming}>
                ${TRIPS.map((id) =>
                  this.#row(
                    id,
                    rows.find((row) => row.id === id),
                  ),
                )}
              </ul>
              <p class="sentence" id="survives" aria-live=${this.filming ? 'off' : 'polite'}>
                ${trouble || (rows.length === TRIPS.length ? survivalSentence(known, quality, scene.fooled) : '')}
              </p>`
          : html`<p class="fine">${SURVIVAL.none}</p>`
      }
      <survivor-maker
        .engine=${this.engine}
        .scene=${scene}
        .target=${this.target}
        .filming=${this.filming}
      ></survivor-maker>
    </section>`;
  }

  updated() {
    const waits = this.#working || this.#due.size > 0;
    this.dataset.state = waits ? 'waiting' : this.rows.length ? 'answered' : 'empty';
  }

  /** @param {TripId} id @param {Row | undefined} row */
  #row(id, row) {
    const title = id === 'jpeg' ? jpegTitle(this.quality) : TITLES[id];
    const { answer = null, picture = null, fooled = false } = row ?? {};
    return html`<li class="trip" data-trip=${id} data-label=${answer?.top[0].label ?? nothing}>
      <div class="trip-picture">
        ${picture ? html`<pixel-view .picture=${picture} .label=${title}></pixel-view>` : nothing}
      </div>
      <div class="trip-text">
        <h3>${title}</h3>
        ${
          answer
            ? html`<p class="verdict" data-fooled=${fooled}>${fooledText(fooled)}</p>
                <p class="trip-answer">${answerText(answer)}</p>`
            : html`<p class="fine">${row ? SURVIVAL.altered : ' '}</p>`
        }
      </div>
      ${id === 'jpeg' ? this.#slider() : nothing}
    </li>`;
  }

  #slider() {
    return html`<input
      id="quality"
      type="range"
      min="1"
      max="100"
      aria-label=${SURVIVAL.quality}
      .value=${String(this.quality)}
      @input=${(/** @type {Event} */ event) =>
        this.tell('settings', {
          quality: Number(/** @type {HTMLInputElement} */ (event.target).value),
        })}
    />`;
  }

  /** @param {TripId[]} only */
  #ask(only) {
    const { sum, clean } = /** @type {Scene} */ (this.scene);
    if (!sum || !clean) return;
    for (const id of only) this.#due.add(id);
    this.#follow({ sum: copyOf(sum), clean, quality: this.quality, only: [...this.#due] });
  }

  /** @param {Job} job */
  async #answer({ sum, clean, quality, only }) {
    const { engine } = this;
    if (!engine?.device || !this.isConnected) return;
    this.#due.clear();
    this.#working = true;
    try {
      for (const id of only) {
        const row = await rowOf(engine, id, sum, clean, quality);
        // Another network, or no noise, meanwhile.
        if (engine !== this.engine || !this.scene?.sum) break;
        this.rows = [...this.rows.filter((each) => each.id !== id), row];
      }
      this.trouble = '';
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      // Of a network that has gone meanwhile: the next scene is asked anew.
      if (name !== 'Stopped' && sum.side === this.scene?.sum?.side) this.trouble = message;
    }
    this.#working = false;
    this.requestUpdate();
  }
}

/**
 * @param {Engine} engine
 * @param {TripId} id
 * @param {Picture} sum
 * @param {Answer} clean
 * @param {number} quality
 * @returns {Promise<Row>}
 */
async function rowOf(engine, id, sum, clean, quality) {
  const travelled = await travel(id, sum, quality);
  if (!travelled) return { id, picture: null, answer: null, fooled: false };
  const picture = await engine.loadPicture(travelled);
  const { clean: answer } = await engine.classify(picture);
  return { id, picture, answer, fooled: answer.top[0].label !== clean.top[0].label };
}

customElements.define('survival-strip', SurvivalStrip);

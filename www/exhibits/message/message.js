/**
 * Hidden message: the visitor's words, scattered over the picture and coloured so
 * that the classifier's answer changes. It is semi-random noise (Fawzi,
 * Moosavi-Dezfooli and Frossard, NIPS 2016) within the span of the words: three
 * dimensions a word, its colour.
 */
import { html, nothing } from 'lit';
import { Exhibit } from '../../parts/exhibit.js';
import { pictureTerm } from '../../parts/picture-term.js';
import { EQUALS, PLUS } from '../../parts/signs.js';
import { offer, png } from '../../pictures/download.js';
import { Task } from '../../task.js';
import * as words from '../../words/message.js';
import { revealing, sumTerm, wordsTerm } from './figure.js';
import './message.css';
import { split, stampsOf, tidy } from './stamps.js';
import { telling } from './telling.js';

/**
 * @import { Answer, Drawing, Found, Picture, WordsProgress } from '../../engine/types.js'
 * @import { Settings } from '../../state.js'
 *
 * @typedef {object} Shown
 * @property {string} text
 * @property {Found} found
 * @property {number} used how many words
 * @property {Drawing} drawing
 * @property {Answer} clean
 * @property {Answer} answer to the sum, as it is saved
 * @property {Picture} sum
 * @property {Picture} revealed the same with the words stronger
 *
 * @typedef {{ clean: Answer | null, shown: Shown | null, done: string }} Held
 */

/**
 * Letters of a few pixels cannot be read: small pictures have larger ones, less
 * tilted, and at first few and short words.
 */
const SMALL = 100;
const FOR_SMALL = { largest: 50, smallest: 0.7, tilt: 20, first: 8, text: words.SHORT };
/** As the core has it. */
const FOR_LARGE = { largest: 20, smallest: 0.4, tilt: 45, first: 16, text: words.USUAL };

export class MessageExhibit extends Exhibit {
  static properties = {
    ...Exhibit.properties,
    clean: { state: true },
    shown: { state: true },
    working: { state: true },
    doing: { state: true },
    revealing: { state: true },
  };

  #task = new Task(() => (this.working = this.#task.running));
  /** The wish that was fulfilled, or that a visitor has stopped. */
  #done = '';

  constructor() {
    super();
    /** @type {Answer | null} */
    this.clean = null;
    /** @type {Shown | null} */
    this.shown = null;
    this.working = false;
    /** @type {WordsProgress | null} */
    this.doing = null;
    /** The words are shown amplified in the sum. */
    this.revealing = false;
  }

  get text() {
    return tidy(this.settings.words ?? '') || this.usual.text;
  }

  /** Unless the visitor chose otherwise. */
  get usual() {
    return (this.engine?.network.side ?? SMALL) < SMALL ? FOR_SMALL : FOR_LARGE;
  }

  /** Of the largest letters, in percent of the picture's height. */
  get size() {
    return this.settings.wordsize || this.usual.largest;
  }

  get most() {
    return Math.round(this.settings.wordcount);
  }

  /** @param {Held} [had] */
  met(had) {
    this.#task.stop();
    this.clean = had?.clean ?? null;
    this.shown = had?.shown ?? null;
    this.#done = had?.done ?? '';
    if (this.#done !== this.#wish) this.hide();
  }

  /** @returns {Held} */
  held() {
    const { clean, shown } = this;
    return { clean, shown, done: this.#done };
  }

  stop() {
    const stopped = this.#task.stop();
    // Whoever leaves has not stopped it: it is looked for when they come back.
    if (stopped && this.isConnected) this.#done = this.#wish;
    return stopped;
  }

  /** All that it depends on, beside the picture and the network. */
  get #wish() {
    return JSON.stringify([this.text, this.settings.scatter, this.size, this.most]);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    const before = /** @type {Settings | undefined} */ (changed.get('settings'));
    if (!before || !this.picture) return;
    const asked = /** @type {const} */ (['words', 'scatter', 'wordsize', 'wordcount']);
    if (asked.some((name) => before[name] !== this.settings[name])) this.hide();
  }

  exhibit() {
    // Without a network there is nothing to hide words from.
    if (!this.engine && this.trouble) return nothing;
    const { picture, clean } = this;
    return html`<figure class="equation message" aria-label=${words.FIGURE}>
        ${pictureTerm({ picture, clean, title: words.PICTURE, bars: words.CLEAN_BARS })} ${PLUS}
        ${wordsTerm(this)} ${EQUALS} ${sumTerm(this)}
      </figure>
      ${telling(this)}`;
  }

  updated() {
    const state = this.working ? 'working' : this.shown ? 'answered' : 'waiting';
    this.dataset.state = state;
    this.dataset.fooled = String(this.isFooled);
  }

  get isFooled() {
    const { shown } = this;
    return Boolean(shown && shown.answer.top[0].label !== shown.clean.top[0].label);
  }

  // ---- what is looked for

  async hide() {
    const { engine, picture, text, most } = this;
    if (!engine || !picture) return;
    const { pixels } = picture;
    const wish = this.#wish;
    this.doing = null;
    this.#done = '';
    try {
      const shown = await this.#task.run(async (signal) => {
        // The picture's own answer is there at once.
        this.clean ??= (await engine.classify(pixels, { signal })).clean;
        const all = split(text);
        const { smallest, tilt, first } = this.usual;
        const largest = this.size / 100;
        const { places } = await engine.scatterWords(pixels, {
          words: all.length,
          count: most,
          largest,
          smallest: smallest * largest,
          tilt,
          seed: this.settings.scatter,
          signal,
        });
        const stamps = await stampsOf(all, places, pixels.side);
        signal.throwIfAborted();
        if (!stamps.length) throw new Error(words.BLANK);
        const hidden = await engine.hideWords(pixels, {
          stamps,
          words: Math.min(first, stamps.length),
          signal,
          onProgress: (progress) => (this.doing = progress),
        });
        return this.#seen(pixels, text, hidden.found, hidden.words, signal);
      });
      if (shown) {
        this.shown = shown;
        this.#done = wish;
      }
      this.tell('notice', { about: 'message', text: '' });
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.tell('notice', { about: 'message', text: message, again: () => this.hide() });
    }
  }

  /**
   * @param {Picture} pixels
   * @param {string} text
   * @param {Found} found
   * @param {number} used
   * @param {AbortSignal} signal
   * @returns {Promise<Shown | undefined>}
   */
  async #seen(pixels, text, found, used, signal) {
    const { engine } = this;
    if (!engine) return undefined;
    const perturbation = /** @type {Float32Array<ArrayBuffer>} */ (found.perturbation);
    const drawing = await engine.draw(perturbation);
    const saved = await engine.classify(pixels, { perturbation, signal });
    const strong = await engine.classify(pixels, {
      perturbation,
      strength: revealing(drawing),
      signal,
    });
    signal.throwIfAborted();
    if (!saved.perturbed) return undefined;
    const seen = (/** @type {Uint8Array | null} */ rgba) => ({
      ...pixels,
      rgba: new Uint8ClampedArray(rgba ?? []),
    });
    const [sum, revealed] = [seen(saved.perturbedRgba), seen(strong.perturbedRgba)];
    const { clean, perturbed: answer } = saved;
    return { text, found, used, drawing, clean, answer, sum, revealed };
  }

  async save() {
    const { shown, picture } = this;
    if (!shown || !picture) return;
    offer(words.fileName(picture.key.replace(/[^\w-]+/g, '-')), await png(shown.sum));
  }
}

customElements.define('message-exhibit', MessageExhibit);

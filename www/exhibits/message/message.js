/**
 * Hidden message: the visitor's words, scattered over the picture and coloured so
 * that the classifier's answer changes. It is semi-random noise (Fawzi,
 * Moosavi-Dezfooli and Frossard, NIPS 2016) within the span of the words: three
 * dimensions a word, its colour.
 */
import { html, nothing } from 'lit';
import '../../parts/class-bars.js';
import '../../parts/compare-view.js';
import { Exhibit } from '../../parts/exhibit.js';
import '../../parts/noise-view.js';
import '../../parts/pixel-view.js';
import { EQUALS, PLUS } from '../../parts/signs.js';
import { spoken } from '../../parts/spoken.js';
import { offer, png } from '../../pictures/download.js';
import { Task } from '../../task.js';
import * as words from '../../words/message.js';
import { wordControls } from './controls.js';
import './message.css';
import { split, stampsOf, tidy } from './stamps.js';

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
 */

/**
 * Letters of a few pixels cannot be read: small pictures have larger ones, less
 * tilted, and at first few and short words.
 */
const SMALL = 100;
const FOR_SMALL = { largest: 50, smallest: 0.7, tilt: 20, first: 4, text: words.SHORT };
/** As the core has it. */
const FOR_LARGE = { largest: 20, smallest: 0.4, tilt: 45, first: 16, text: words.USUAL };

const MOST_WORDS = 256;
const LARGEST = 60;

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

  met() {
    this.clean = null;
    this.shown = null;
    this.#hide();
  }

  stop() {
    return this.#task.stop();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    const before = /** @type {Settings | undefined} */ (changed.get('settings'));
    if (!before || !this.picture) return;
    const asked = /** @type {const} */ (['words', 'scatter', 'wordsize', 'wordcount']);
    if (asked.some((name) => before[name] !== this.settings[name])) this.#hide();
  }

  exhibit() {
    // Without a network there is nothing to hide words from.
    if (!this.engine && this.trouble) return nothing;
    return html`<figure class="equation message" aria-label=${words.FIGURE}>
        ${this.#pictureTerm()} ${PLUS} ${this.#wordsTerm()} ${EQUALS} ${this.#sumTerm()}
      </figure>
      ${this.#telling()}`;
  }

  updated() {
    const state = this.working ? 'working' : this.shown ? 'answered' : 'waiting';
    this.dataset.state = state;
    this.dataset.fooled = String(this.#isFooled);
  }

  get #isFooled() {
    const { shown } = this;
    return Boolean(shown && shown.answer.top[0].label !== shown.clean.top[0].label);
  }

  #pictureTerm() {
    const { picture, clean } = this;
    return html`<section class="term" id="picture">
      <div class="square">
        ${
          picture
            ? html`<pixel-view .picture=${picture.pixels} .label=${picture.title}></pixel-view>`
            : nothing
        }
      </div>
      <div class="under">
        <h2 class="caption">${picture?.title ?? words.PICTURE}</h2>
        <class-bars
          .answer=${clean}
          .clean=${clean?.top[0].label ?? -1}
          .label=${words.CLEAN_BARS}
        ></class-bars>
      </div>
    </section>`;
  }

  #wordsTerm() {
    const { shown } = this;
    return html`<section class="term" id="words" aria-busy=${this.working}>
      <div class="square" ?data-coming=${this.working}>
        <noise-view
          .drawing=${shown?.drawing ?? null}
          .empty=${words.NONE_YET}
          .label=${words.MIDDLE}
        ></noise-view>
      </div>
      <div class="under">
        <h2 class="caption">${words.MIDDLE}</h2>
        <dl class="figures">
          ${this.#figure('used', words.USED, shown && String(shown.used))}
          ${this.#figure('l2', words.LENGTH, shown && words.levels(shown.found.norms.l2))}
          ${this.#figure('linf', words.LARGEST, shown && words.ofLevels(shown.found.norms.linf))}
        </dl>
      </div>
      ${wordControls(this)}
    </section>`;
  }

  /** @param {string} name @param {string} title @param {string | null} value */
  #figure(name, title, value) {
    return html`<div data-figure=${name}>
      <dt>${title}</dt>
      <dd>${value ?? '–'}</dd>
    </div>`;
  }

  #sumTerm() {
    const { shown, picture, revealing } = this;
    const fooled = this.#isFooled;
    return html`<section class="term" id="sum">
      <div class="square">
        ${
          shown && picture
            ? html`<compare-view
                  .first=${picture.pixels}
                  .second=${revealing ? shown.revealed : shown.sum}
                  .tags=${[words.BEFORE, words.AFTER]}
                  label="${picture.title}, ${words.AFTER}"
                ></compare-view>
                ${
                  revealing
                    ? html`<span class="noise-factor"
                        >${words.revealed(stronger(shown.drawing))}</span
                      >`
                    : nothing
                }`
            : nothing
        }
      </div>
      <div class="under">
        <h2 class="caption">
          ${words.SUM}
          ${
            shown
              ? html`<span class="verdict" data-fooled=${fooled}
                  >${fooled ? words.FOOLED : words.NOT_FOOLED}</span
                >`
              : nothing
          }
        </h2>
        <class-bars
          .answer=${shown?.answer ?? null}
          .clean=${shown?.clean.top[0].label ?? -1}
          .label=${words.SUM_BARS}
        ></class-bars>
      </div>
      <div class="controls">
        <button
          type="button"
          id="reveal"
          aria-pressed=${revealing}
          ?disabled=${!shown}
          @click=${() => (this.revealing = !revealing)}
        >
          ${words.REVEAL}
        </button>
      </div>
    </section>`;
  }

  #telling() {
    const { shown, working, picture } = this;
    return html`<div class="message-telling">
      <div class="said">
        ${
          working
            ? html`<progress-line
                .text=${words.progressText(this.doing, this.most)}
                .value=${this.doing?.words ?? 0}
                .max=${this.most}
              ></progress-line>`
            : nothing
        }
        <p class="sentence" id="sentence" aria-live="polite" ?hidden=${working}>
          ${working ? nothing : this.#sentence()}
        </p>
      </div>
      <div class="message-buttons">
        ${
          working
            ? html`<button type="button" id="cancel" @click=${() => this.stop()}>
                ${words.STOP}
              </button>`
            : picture && !shown
              ? html`<button type="button" @click=${() => this.#hide()}>${words.GO_ON}</button>`
              : shown && !this.#isFooled
                ? this.#remedies()
                : nothing
        }
        <button type="button" id="save" ?disabled=${!shown} @click=${() => this.#save()}>
          ${words.SAVE}
        </button>
        <button type="button" @click=${() => this.tell('share')}>${words.SHARE}</button>
      </div>
    </div>`;
  }

  /** Where all words were not enough. */
  #remedies() {
    const { most, size, shown } = this;
    const remedy = (/** @type {string} */ title, /** @type {object} */ change) =>
      html`<button type="button" class="primary" @click=${() => this.tell('settings', change)}>
        ${title}
      </button>`;
    // So many words that each is too faint to be saved: fewer are stronger.
    if (shown?.found.fooled) {
      return most > 1 ? remedy(words.FEWER, { wordcount: Math.ceil(shown.used / 4) }) : nothing;
    }
    return [
      most < MOST_WORDS
        ? remedy(words.MORE, { wordcount: Math.min(MOST_WORDS, 2 * most) })
        : nothing,
      size < LARGEST
        ? remedy(words.LARGER, { wordsize: Math.min(LARGEST, Math.round(1.5 * size)) })
        : nothing,
    ];
  }

  #sentence() {
    const { shown, picture } = this;
    if (!shown) return picture ? words.STOPPED : nothing;
    const network = this.engine?.network.title ?? '';
    const { text, found, used, clean, answer } = shown;
    return spoken(words.messageSentence({ network, text, found, used, clean, sum: answer }));
  }

  // ---- what is looked for

  async #hide() {
    const { engine, picture, text, most } = this;
    if (!engine || !picture) return;
    const { pixels } = picture;
    this.doing = null;
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
        const stamps = stampsOf(all, places, pixels.side);
        if (!stamps.length) throw new Error(words.BLANK);
        const hidden = await engine.hideWords(pixels, {
          stamps,
          words: Math.min(first, stamps.length),
          signal,
          onProgress: (progress) => (this.doing = progress),
        });
        return this.#seen(pixels, text, hidden.found, hidden.words, signal);
      });
      if (shown) this.shown = shown;
      this.tell('notice', { about: 'message', text: '' });
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.tell('notice', { about: 'message', text: message, again: () => this.#hide() });
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
      strength: stronger(drawing),
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

  #save() {
    const { shown, picture } = this;
    if (!shown || !picture) return;
    offer(words.fileName(picture.key.replace(/[^\w-]+/g, '-')), png(shown.sum));
  }
}

/** As many times as they are drawn, and where they are drawn weaker, twice. @param {Drawing} drawing */
const stronger = ({ factor }) => Math.max(2, factor);

customElements.define('message-exhibit', MessageExhibit);

/**
 * Three noises that change the answer to the same picture: a random one, the best
 * within a few random dimensions (semi-random), and the smallest of all. Fawzi,
 * Moosavi-Dezfooli and Frossard (NIPS 2016) prove how their lengths go together.
 */
import { html, nothing } from 'lit';
import '../../parts/class-bars.js';
import { Exhibit } from '../../parts/exhibit.js';
import '../../parts/noise-view.js';
import '../../parts/pixel-view.js';
import { spoken } from '../../parts/spoken.js';
import { Task } from '../../task.js';
import {
  amount,
  CLEAN_BARS,
  count,
  noisesSentence,
  SHARE,
  STOP,
  verdictOf,
} from '../../words/common.js';
import * as words from '../../words/noises.js';
import './length-axis.js';
import './noises.css';

/**
 * @import { Answer, Drawing, Found } from '../../engine/types.js'
 *
 * @typedef {'random' | 'semi' | 'exact'} Kind
 * @typedef {{ found: Found, drawing: Drawing }} Shown
 * @typedef {Partial<Record<Kind, Shown>>} AllShown
 * @typedef {{ clean: Answer | null, shown: AllShown, dimension: number, stopped: boolean }} Held
 */

/** Random directions that are tried: the shortest noise of them is shown. */
const DRAWS = 3;

/** Unless told, a subspace of so many dimensions for each of its own. */
const USUAL_SHARE = 64;

/** In the order in which they are shown. @type {Kind[]} */
const KINDS = ['random', 'semi', 'exact'];

export class NoisesExhibit extends Exhibit {
  static properties = {
    ...Exhibit.properties,
    clean: { state: true },
    shown: { state: true },
    working: { state: true },
    sliding: { state: true },
  };

  #all = new Task(() => this.#tellWork());
  #semi = new Task(() => this.#tellWork());
  /** Whether a visitor did not want the rest. */
  #stopped = false;

  constructor() {
    super();
    /** @type {Answer | null} */
    this.clean = null;
    /** What has been found so far. @type {AllShown} */
    this.shown = {};
    /** What is being looked for. @type {Kind | ''} */
    this.working = '';
    /** A number of dimensions that a visitor is choosing. @type {number | null} */
    this.sliding = null;
  }

  /** d, of the network's pictures. */
  get #space() {
    const { channels = 3, side = 1 } = this.engine?.network ?? {};
    return channels * side * side;
  }

  /** m */
  get #dimension() {
    const wish = this.settings.dimension || Math.round(this.#space / USUAL_SHARE);
    return Math.max(1, Math.min(this.#space, Math.round(wish)));
  }

  /** @param {Held} [had] */
  met(had) {
    this.#all.stop();
    this.#semi.stop();
    const { clean = null, shown = {}, dimension, stopped = false } = had ?? {};
    this.clean = clean;
    this.shown = dimension === this.#dimension ? shown : { ...shown, semi: undefined };
    this.#stopped = stopped;
    if (!stopped && !this.#isWhole) this.#findAll();
  }

  /** @returns {Held} */
  held() {
    const { clean, shown } = this;
    return { clean, shown, dimension: this.#dimension, stopped: this.#stopped };
  }

  stop() {
    const stopped = [this.#all.stop(), this.#semi.stop()].some(Boolean);
    this.working = '';
    // Whoever leaves has not stopped it: it goes on when they come back.
    if (stopped && this.isConnected) this.#stopped = true;
    return stopped;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    const before = /** @type {import('../../state.js').Settings | undefined} */ (
      changed.get('settings')
    );
    if (before && before.dimension !== this.settings.dimension && this.shown.exact)
      this.#findSemi();
  }

  exhibit() {
    // Without a network there are no dimensions to speak of.
    if (!this.engine && this.trouble) return nothing;
    const { clean, picture } = this;
    const m = this.sliding ?? this.#dimension;
    const d = this.#space;
    return html`<div class="noises">
        <section class="noises-picture" aria-label=${words.THE_PICTURE}>
          ${
            picture
              ? html`<pixel-view .picture=${picture.pixels} .label=${picture.title}></pixel-view>`
              : html`<div class="noise-empty"></div>`
          }
          <class-bars
            .answer=${clean}
            .clean=${clean?.top[0].label ?? -1}
            label=${CLEAN_BARS}
          ></class-bars>
        </section>
        <div class="noises-row">
          ${KINDS.map((kind) => this.#term(kind, words.how(kind, m, d)))}
        </div>
        ${this.#slider(m, d)}
      </div>
      <length-axis .lengths=${this.#lengths()} .expected=${this.#expected()}></length-axis>
      <div class="noises-telling">
        <p class="sentence" id="sentence" aria-live="polite">${this.#sentence()}</p>
        ${
          this.working
            ? html`<button type="button" id="cancel" @click=${() => this.stop()}>${STOP}</button>`
            : picture && !this.#isWhole
              ? html`<button type="button" @click=${() => this.#findAll()}>${words.GO_ON}</button>`
              : nothing
        }
        <button type="button" @click=${() => this.tell('share')}>${SHARE}</button>
      </div>`;
  }

  updated() {
    this.dataset.state = this.working ? 'working' : this.#isWhole ? 'answered' : 'waiting';
  }

  get #isWhole() {
    return KINDS.every((kind) => this.shown[kind]);
  }

  /** @param {Kind} kind @param {string} how */
  #term(kind, how) {
    const title = words.TITLES[kind];
    const shown = this.shown[kind];
    const { found } = shown ?? {};
    const busy = this.working === kind;
    return html`<section class="noises-term" data-kind=${kind} aria-busy=${busy}>
      <div class="square">
        <noise-view
          .drawing=${found?.fooled ? (shown?.drawing ?? null) : null}
          .empty=${found ? words.NONE : busy ? words.LOOKING : ''}
          label=${words.noiseLabel(title)}
        ></noise-view>
      </div>
      <h2>${title}</h2>
      <p class="how">${how}</p>
      <p class="length">
        ${
          found?.fooled
            ? words.lengthText(
                html`<strong>${amount(found.norms.l2)}</strong>`,
                html`<span data-tone="fooled">${found.adversarial.top[0].name}</span>`,
                html`<span class="which">(${verdictOf(found)})</span>`,
              )
            : html`&nbsp;`
        }
      </p>
    </section>`;
  }

  /** Logarithmic, from one dimension to all. @param {number} m @param {number} d */
  #slider(m, d) {
    const read = (/** @type {Event} */ event) =>
      Math.round(d ** (Number(/** @type {HTMLInputElement} */ (event.target).value) / 1000));
    return html`<label class="noises-slider">
      <span>${words.dimensionsOf(html`<output>${count(m)}</output>`)}</span>
      <input
        id="dimension"
        type="range"
        min="0"
        max="1000"
        step="1"
        aria-valuetext=${words.ofDimensions(m, d)}
        .value=${String(Math.round((1000 * Math.log(m)) / Math.log(d)))}
        @input=${(/** @type {Event} */ event) => (this.sliding = read(event))}
        @change=${(/** @type {Event} */ event) => {
          this.sliding = null;
          this.tell('settings', { dimension: read(event) });
        }}
      />
    </label>`;
  }

  #lengths() {
    return KINDS.flatMap((kind) => {
      const found = this.shown[kind]?.found;
      return found?.fooled ? [{ kind, name: words.NAMES[kind], length: found.norms.l2 }] : [];
    });
  }

  /**
   * What the theorem leads to expect of the others, from the smallest. The engine's answers
   * name neither d nor m, which are the network's and the visitor's: no figure of the core's
   * is lost here.
   */
  #expected() {
    const smallest = this.shown.exact?.found;
    if (!smallest?.fooled) return [];
    const [d, m] = [this.#space, this.#dimension];
    return [
      { kind: 'random', name: words.EXPECTED.random, length: Math.sqrt(d) * smallest.norms.l2 },
      { kind: 'semi', name: words.EXPECTED.semi, length: Math.sqrt(d / m) * smallest.norms.l2 },
    ];
  }

  #sentence() {
    const { exact, semi, random } = this.shown;
    if (!exact) {
      if (this.working) return words.LOOKING_FOR_ALL;
      return this.picture ? words.STOPPED : nothing;
    }
    return spoken(
      noisesSentence({
        exact: exact.found,
        semi: semi?.found ?? null,
        random: random?.found ?? null,
        dimension: this.#dimension,
        space: this.#space,
      }),
    );
  }

  // ---- what is looked for

  #tellWork() {
    if (!this.#all.running && !this.#semi.running) this.working = '';
  }

  async #findAll() {
    const { engine, picture } = this;
    if (!engine || !picture) return;
    const { pixels } = picture;
    this.#stopped = false;
    try {
      await this.#all.run(async (signal) => {
        if (!this.shown.exact) {
          this.working = 'exact';
          const found = await engine.deepfool(pixels, { signal });
          this.clean = found.clean;
          await this.#show('exact', found, signal);
        }
        if (!this.shown.semi) await this.#semiRandom(signal);
        if (!this.shown.random) {
          this.working = 'random';
          const { found } = await engine.smallestRandom(pixels, { draws: DRAWS, signal });
          await this.#show('random', found, signal);
        }
      });
      this.tell('notice', { about: 'noises', text: '' });
    } catch (error) {
      this.#explain(error, () => this.#findAll());
    }
  }

  async #findSemi() {
    // All that was to be found still is.
    const whole = this.#isWhole;
    this.shown = { ...this.shown, semi: undefined };
    if (!whole) return this.#findAll();
    try {
      await this.#semi.run((signal) => this.#semiRandom(signal));
    } catch (error) {
      this.#explain(error, () => this.#findSemi());
    }
  }

  /** @param {AbortSignal} signal */
  async #semiRandom(signal) {
    const { engine, picture } = this;
    if (!engine || !picture) return;
    this.working = 'semi';
    const found = await engine.semiRandom(picture.pixels, { dimension: this.#dimension, signal });
    await this.#show('semi', found, signal);
  }

  /** @param {Kind} kind @param {Found} found @param {AbortSignal} signal */
  async #show(kind, found, signal) {
    const drawing = await this.engine?.draw(
      /** @type {Float32Array<ArrayBuffer>} */ (found.perturbation),
    );
    signal.throwIfAborted();
    if (drawing) this.shown = { ...this.shown, [kind]: { found, drawing } };
  }

  /** @param {unknown} error @param {() => void} again */
  #explain(error, again) {
    const { message } = /** @type {Error} */ (error);
    this.tell('notice', { about: 'noises', text: message, again });
  }
}

customElements.define('noises-exhibit', NoisesExhibit);

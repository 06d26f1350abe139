/**
 * One noise for all pictures, watched while it grows: by the published algorithm
 * (Moosavi-Dezfooli and others, CVPR 2017) and by stochastic gradients (Shafahi
 * and others, AAAI 2020), from the same pictures. Below, what has been found out
 * about such noises.
 */
import { html, nothing } from 'lit';
import { latestOnly } from '../../latest.js';
import '../../parts/chart.js';
import { Exhibit } from '../../parts/exhibit.js';
import { kept } from '../../parts/kept.js';
import { spoken } from '../../parts/spoken.js';
import { CHART, SETUP, WORDS, lessonText, raceSentence, setupText } from '../../words/universal.js';
import { answerTo, figure } from './figure.js';
import { keep, save } from './keeping.js';
import { methods } from './methods.js';
import './parts.js';
import { Rates, columns } from './rates.js';
import { METHODS, Run, countedOf } from './run.js';
import './setup.js';
import { shelve } from './shelf.js';
import { fewOf, strip } from './strip.js';
import './universal.css';

/**
 * @import { Answered } from './figure.js'
 * @import { Method } from './run.js'
 * @import { UniversalSetup } from './setup.js'
 */

export class UniversalExhibit extends Exhibit {
  static properties = {
    ...Exhibit.properties,
    answered: { state: true },
    names: { state: true },
  };

  /** @type {Map<Method, Run>} */
  #runs = new Map();
  #rates = new Rates();
  #waiting = false;
  #answer = latestOnly(() => this.#ask());

  constructor() {
    super();
    /** @type {Answered | null} */
    this.answered = null;
    /** Of all classes, by label. @type {string[]} */
    this.names = [];
  }

  met() {
    this.answered = null;
    this.#answer(undefined);
    if (!this.names.length) this.#readNames();
  }

  /** Ends all that runs, and keeps what there is. */
  stop() {
    const runs = [...this.#runs.values()];
    // Whoever leaves has made it; the count goes on for when they come back.
    const ended = this.isConnected ? runs : runs.filter(({ state }) => state === 'working');
    return ended.map((run) => run.finish()).some(Boolean);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (changed.has('network')) {
      // Another network cannot count whom a noise fools.
      for (const run of this.#runs.values()) run.leave();
      this.#leave(String(changed.get('network')));
      this.#recall();
    }
    const before = /** @type {import('../../state.js').Settings | undefined} */ (
      changed.get('settings')
    );
    if (before && before.method !== this.settings.method) this.#answer(undefined);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#leave(this.network);
  }

  render() {
    return html`${super.render()}
      <universal-parts
        .engine=${this.engine}
        .network=${this.network}
        .ready=${this.ready}
        .open=${this.settings.part}
        .runs=${[...this.#runs.values()].filter(({ counted }) => counted)}
        .made=${this.#made}
        .device=${this.settings.device}
      ></universal-parts>`;
  }

  exhibit() {
    if (!this.engine && this.trouble) return nothing;
    const { method } = this.settings;
    const runOf = (/** @type {Method} */ each) => this.#runs.get(each);
    const name = (/** @type {number} */ label) => this.names[label] ?? String(label);
    return html`${figure({
        picture: this.picture,
        answered: this.answered,
        run: this.#shown,
        method,
        controls: this.#controls(),
        choose: (each) => this.tell('settings', { method: each }),
      })}
      <div class="universal-telling">
        <p class="sentence" id="sentence" aria-live="polite">${this.#sentence()}</p>
        ${this.#actions()}
      </div>
      <details class="universal-setup">
        <summary>
          ${SETUP.title}
          <span class="fine"
            >${this.#setup?.complete ? setupText(this.#setup.lesson, this.settings.norm, this.#setup.radius) : nothing}</span
          >
        </summary>
        <universal-setup
          .engine=${this.engine}
          .network=${this.network}
          .ready=${this.ready}
          .samples=${this.samples}
          .picture=${this.picture?.pixels ?? null}
          .settings=${this.settings}
          @wish=${(/** @type {CustomEvent} */ event) => this.tell('settings', event.detail)}
          @gathered=${() => this.requestUpdate()}
        ></universal-setup>
      </details>
      <section class="universal-watch" aria-labelledby="watch-title">
        <h2 id="watch-title">${WORDS.watch}</h2>
        ${methods({
          run: runOf,
          name,
          able: this.#able,
          start: (each) => this.#start([each]),
          stop: (each) => runOf(each)?.finish(),
        })}
        ${this.#chart()}
      </section>
      ${strip(runOf, name)}`;
  }

  updated() {
    const runs = [...this.#runs.values()];
    const working = runs.some((run) => run.state === 'working');
    const counting = runs.some((run) => run.state === 'counting');
    this.dataset.state = working
      ? 'working'
      : counting
        ? 'counting'
        : this.#able
          ? runs.length
            ? 'answered'
            : 'idle'
          : 'waiting';
  }

  get #shown() {
    return this.#runs.get(this.settings.method);
  }

  get #setup() {
    return /** @type {UniversalSetup | null} */ (this.querySelector('universal-setup'));
  }

  get #able() {
    return Boolean(this.ready && !this.switching && this.#setup?.complete);
  }

  /** What came of it; before, what it is about. */
  #sentence() {
    const counted = this.#counted();
    if (counted.length) return spoken(raceSentence(counted));
    const [run] = this.#runs.values();
    const lesson = run?.job.lesson ?? (this.#setup?.complete ? this.#setup.lesson : null);
    return lesson ? lessonText(lesson) : nothing;
  }

  #controls() {
    const runs = [...this.#runs.values()];
    if (runs.some(({ working }) => working)) {
      const counting = runs.every(({ state }) => state !== 'working');
      return html`<button type="button" id="cancel" @click=${() => this.stop()}>
        ${counting ? WORDS.stopCounting : WORDS.stopBoth}
      </button>`;
    }
    return html`<button
      type="button"
      id="start"
      class=${runs.length ? '' : 'primary'}
      ?disabled=${!this.#able}
      @click=${() => this.#start(METHODS)}
    >
      ${runs.length ? WORDS.startAgain : WORDS.startBoth}
    </button>`;
  }

  #actions() {
    const there = this.#shown?.grown && !this.#shown.working;
    return html`<div class="action-buttons">
      <button
        type="button"
        id="put"
        ?disabled=${!there}
        @click=${() => this.#use((run) => this.#put(run))}
      >
        ${WORDS.put}
      </button>
      <button type="button" id="save" ?disabled=${!there} @click=${() => this.#use(save)}>
        ${WORDS.save}
      </button>
      <button type="button" @click=${() => this.tell('share')}>${WORDS.share}</button>
    </div>`;
  }

  #chart() {
    const { rows, spec } = this.#rates.of(METHODS.flatMap((each) => this.#runs.get(each) ?? []));
    if (!rows.length) return nothing;
    return html`<div class="universal-chart">
      <plot-chart .spec=${spec} .rows=${rows} .columns=${columns} label=${CHART.label}></plot-chart>
      <p class="fine">${WORDS.cpu}</p>
    </div>`;
  }

  #counted() {
    return METHODS.flatMap((method) => {
      const run = this.#runs.get(method);
      return run ? countedOf(run, (label) => this.names[label]) : [];
    });
  }

  // ---- what runs

  /** @param {Method[]} which */
  #start(which) {
    const { engine, network } = this;
    const setup = this.#setup;
    if (!engine || !setup || !this.#able) return;
    const { norm, seed } = this.settings;
    // A class of another network's may be none of this one's.
    const target = this.names[this.settings.target] === undefined ? -1 : this.settings.target;
    const wish = { norm, target, seed, radius: setup.radius };
    // Both learn from the same pictures, also if one is begun later.
    const { lesson } = setup;
    const job = { engine, network, lesson, few: fewOf(lesson), wish };
    for (const method of which) {
      this.#runs.get(method)?.cancel();
      const run = new Run(method, job);
      this.#watch(run);
      run.start().catch(() => {}); // Cancelled.
    }
    this.answered = this.answered && { ...this.answered, perturbed: null, sum: null, norms: null };
    this.requestUpdate();
  }

  /** Something new of a run: told at most once a frame. @param {Run} run */
  #ran(run) {
    if (run.state !== 'working') this.#keep(run);
    if (this.#waiting || this.#runs.get(run.method) !== run) return;
    this.#waiting = true;
    // Not by frames alone: in a tab behind others there are none.
    setTimeout(() => {
      this.#waiting = false;
      if (this.#shown?.grown !== this.#asked) this.#answer(undefined);
      this.requestUpdate();
    }, 30);
  }

  /** Hangs what has grown in the gallery. @param {Run} run */
  #keep({ grown, method, job }) {
    const { norm, radius, seed } = job.wish;
    if (grown) shelve(job.network, { method, seed, norm, radius, data: grown });
    this.#made += 1;
  }

  /** Counts what was hung, so that the gallery looks again. */
  #made = 0;

  /** @param {Run} run */
  #watch(run) {
    this.#runs.set(run.method, run);
    run.changed = () => this.#ran(run);
  }

  /** What runs for a network stays for when it is shown again. @param {string} network */
  #leave(network) {
    const runs = [...this.#runs.values()];
    if (runs.length) kept.keep([this.localName, network], runs);
    for (const run of runs) {
      this.#keep(run);
      run.changed = () => {
        if (run.state !== 'working') this.#keep(run);
      };
    }
    this.#runs.clear();
    this.answered = null;
    this.names = [];
  }

  #recall() {
    for (const run of kept.recall([this.localName, this.network]) ?? []) {
      this.#watch(run);
      run.resume();
    }
  }

  /** The v that was last asked about. @type {Float32Array | null} */
  #asked = null;

  /** What the classifier says to the picture at hand, with what has grown. */
  async #ask() {
    const { engine, picture } = this;
    const run = this.#shown;
    const v = run?.grown ?? null;
    this.#asked = v;
    if (!engine || !picture) return;
    try {
      const answered = await answerTo(engine, picture.pixels, v);
      if (picture !== this.picture || run !== this.#shown) return;
      this.answered = answered;
      this.tell('notice', { about: 'universal', text: '' });
    } catch (error) {
      const text = /** @type {Error} */ (error).message;
      this.tell('notice', { about: 'universal', text, again: () => this.#answer(undefined) });
    }
  }

  async #readNames() {
    const { engine, network } = this;
    const names = await engine?.classNames().catch(() => []);
    if (network === this.network && names) this.names = names;
  }

  /** @param {(run: Run) => Promise<unknown>} use */
  async #use(use) {
    const run = this.#shown;
    if (!run?.grown) return;
    try {
      await use(run);
    } catch (error) {
      const text = /** @type {Error} */ (error).message;
      this.tell('notice', { about: 'universal', text, again: () => this.#use(use) });
    }
  }

  /** Where it can be kept, Live shows it; else a notice says what to do. @param {Run} run */
  async #put(run) {
    const { change, trouble } = await keep(run, (label) => this.names[label]);
    if (trouble) this.tell('notice', { about: 'storage', text: trouble });
    else this.tell('go', change);
  }
}

customElements.define('universal-exhibit', UniversalExhibit);

/**
 * What the normals of the boundaries near many pictures have in common: computed
 * beforehand at many, and here at the few that a browser has time for.
 */
import { html, nothing } from 'lit';
import '../../parts/chart.js';
import { kept } from '../../parts/kept.js';
import { onEscape } from '../../escape.js';
import { Part } from '../../parts/part.js';
import '../../parts/progress-line.js';
import { Task } from '../../task.js';
import * as words from '../../words/geometry.js';
import { columnsOf, rowsOf, sharesSpec, shippedOf, valuesSpec } from './normals-charts.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { NormalsFound, NormalsProgress, Perturbation, Picture } from '../../engine/types.js'
 * @import { AtHandPicture } from '../../parts/exhibit.js'
 * @import { Sample } from '../../pictures/samples.js'
 * @import { Shipped } from './normals-charts.js'
 *
 * @typedef {{ found: NormalsFound, universal: string }} Normals
 */

export class BoundaryNormals extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    ready: { type: Boolean },
    samples: { attribute: false },
    picture: { attribute: false },
    shipped: { state: true },
    failed: { state: true },
    found: { state: true },
    steps: { state: true },
    working: { state: true },
    nothingFound: { state: true },
  };

  #task = new Task(() => (this.working = this.#task.running));
  /** Asks for what there is. */
  #finish = new AbortController();
  /** @type {any} */
  #file = null;
  /** What was computed here last, or is on its way. @type {Promise<Normals | undefined> | null} */
  #finding = null;
  #universal = '';
  #end = () => {};
  #sight = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      this.#sight.disconnect();
      this.#read();
    },
    { rootMargin: '50%' },
  );

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    this.network = '';
    this.ready = false;
    /** @type {Sample[]} */
    this.samples = [];
    /** @type {AtHandPicture | null} */
    this.picture = null;
    /** Computed beforehand. @type {Shipped | null} */
    this.shipped = null;
    this.failed = false;
    /** @type {NormalsFound | null} */
    this.found = null;
    /** @type {NormalsProgress | null} */
    this.steps = null;
    this.working = false;
    this.nothingFound = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#end = onEscape(() => this.enough());
    // Far down the page: whoever does not come so far does not download it.
    this.#sight.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#end();
    this.#sight.disconnect();
    this.#leave(this.network);
  }

  /** What has been found so far is found, and there when somebody comes back. @param {string} network */
  #leave(network) {
    this.enough();
    if (this.#finding) kept.keep([this.localName, network], this.#finding);
    this.#finding = null;
    this.found = null;
  }

  async #recall() {
    const { network } = this;
    /** @type {Promise<Normals | undefined> | undefined} */
    const finding = kept.recall([this.localName, network]);
    const had = await finding?.catch(() => undefined);
    if (!had || network !== this.network || this.working) return;
    this.#finding = finding ?? null;
    this.#universal = had.universal;
    this.found = had.found;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('network')) {
      this.#leave(String(changed.get('network')));
      this.#recall();
      this.shipped = shippedOf(this.#file, this.network);
    }
    if (['shipped', 'found'].some((name) => changed.has(name)) || changed.has('network'))
      this.#chart();
  }

  /** Drawn anew only when there is something new. */
  #chart() {
    const { shipped, found } = this;
    this.charts = {
      rows: rowsOf(shipped, found),
      columns: columnsOf(shipped, found),
      values: valuesSpec(shipped, found),
      shares: sharesSpec(shipped, found),
    };
  }

  async #read() {
    this.failed = false;
    try {
      const response = await fetch('results/normals.json');
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      this.#file = await response.json();
    } catch {
      this.failed = true;
      return;
    }
    this.shipped = shippedOf(this.#file, this.network);
  }

  /** Ends it, with what there is. @returns {boolean} whether there was anything to end */
  enough() {
    if (!this.working) return false;
    this.#finish.abort();
    return true;
  }

  render() {
    const { shipped, found, working, steps, charts } = this;
    return html`<section class="geometry-normals" aria-labelledby="normals-title">
      <div class="geometry-words">
        <h2 id="normals-title">${words.normalsTitle}</h2>
        <p>${words.normalsIntro}</p>
      </div>
      ${
        this.failed
          ? html`<p role="alert">
              ${words.noShipped}
              <button type="button" @click=${() => this.#read()}>${words.tryAgain}</button>
            </p>`
          : nothing
      }
      ${
        charts?.rows.length
          ? html`<div class="normals-charts">
              <figure>
                <figcaption>${words.chart.values}</figcaption>
                <plot-chart
                  id="singular-values"
                  .spec=${charts.values}
                  .rows=${charts.rows}
                  .columns=${charts.columns.values}
                  label=${words.chart.values}
                ></plot-chart>
              </figure>
              ${
                charts.shares
                  ? html`<figure>
                      <figcaption>${words.chart.shares}</figcaption>
                      <plot-chart
                        id="shares"
                        .spec=${charts.shares}
                        .rows=${charts.rows}
                        .columns=${charts.columns.shares}
                        label=${words.chart.shares}
                      ></plot-chart>
                    </figure>`
                  : nothing
              }
            </div>`
          : nothing
      }
      <div class="geometry-telling">
        ${
          working
            ? html`<progress-line
                .text=${words.normalsProgress(steps, 0)}
                .value=${steps?.pictures ?? 0}
                .max=${steps?.of ?? 1}
              ></progress-line>`
            : nothing
        }
        <p class="sentence" id="normals-sentence" aria-live="polite">
          ${
            found && !working
              ? words.normalsSentence(found, this.#universal)
              : this.nothingFound && !working
                ? words.noNormals
                : shipped
                  ? words.shippedSentence(
                      shipped.title,
                      shipped.normals.length,
                      shipped.normals,
                      shipped.random,
                    )
                  : nothing
          }
        </p>
        ${
          found && !working
            ? html`<p class="fine">
                ${words.fewText(found.count, found.dimension, shipped?.normals.length ?? null)}
              </p>`
            : nothing
        }
        <div class="geometry-buttons">
          ${
            working
              ? html`<button type="button" id="enough" @click=${() => this.enough()}>
                  ${words.enough}
                </button>`
              : html`<button
                  type="button"
                  id="compute-normals"
                  ?disabled=${!this.ready || !this.picture}
                  @click=${() => this.#compute()}
                >
                  ${words.startNormals}
                </button>`
          }
        </div>
      </div>
    </section>`;
  }

  updated() {
    this.dataset.state = this.working ? 'working' : this.found ? 'answered' : 'waiting';
  }

  async #compute() {
    const { engine, picture, samples } = this;
    if (!engine || !picture) return;
    this.steps = null;
    this.nothingFound = false;
    const finish = (this.#finish = new AbortController());
    const finding = this.#task.run(async (signal) => {
      const universal = await firstUniversal(engine);
      const pictures = await picturesFor(engine, picture, samples, signal);
      signal.throwIfAborted();
      finish.signal.throwIfAborted();
      const found = await engine.normals(pictures, {
        ...(universal && { perturbation: universal.data }),
        signal,
        finish: finish.signal,
        onProgress: (steps) => (this.steps = steps),
      });
      return { found, universal: universal?.title ?? '' };
    });
    this.#finding = finding;
    try {
      const normals = await finding;
      if (!normals || this.#finding !== finding) return; // It is for whoever comes back.
      this.#universal = normals.universal;
      this.found = normals.found;
    } catch (error) {
      if (this.#finding !== finding) return;
      this.#finding = null;
      if (finish.signal.aborted) this.nothingFound = true;
      else {
        const { message } = /** @type {Error} */ (error);
        this.tell('notice', { about: 'normals', text: message, again: () => this.#compute() });
      }
    }
  }
}

/** @param {Engine} engine @returns {Promise<Perturbation | null>} the first that is shipped, if one is */
async function firstUniversal(engine) {
  const [first] = await engine.perturbations().catch(() => []);
  return first ? engine.loadPerturbation(first.id) : null;
}

/**
 * The visitor's, then every sample, then other views of these: who stops early
 * has the most different ones.
 * @param {Engine} engine
 * @param {AtHandPicture} own
 * @param {Sample[]} samples
 * @param {AbortSignal} signal
 * @returns {Promise<Picture[]>}
 */
async function picturesFor(engine, own, samples, signal) {
  const views = await Promise.all(samples.map((sample) => sample.views(engine, signal)));
  const most = Math.max(0, ...views.map((each) => each.length));
  const byView = Array.from({ length: most }, (_, view) =>
    views.flatMap((each) => each[view] ?? []),
  );
  const isSample = samples.some(({ id }) => id === own.key);
  /** @type {Picture[]} */
  const different = [];
  // The same picture twice would share all its normal with itself.
  for (const picture of [...(isSample ? [] : [own.pixels]), ...byView.flat()])
    if (!different.some((other) => isSame(other, picture))) different.push(picture);
  return different;
}

/** @param {Picture} a @param {Picture} b */
const isSame = (a, b) => a.rgba.every((value, index) => value === b.rgba[index]);

customElements.define('boundary-normals', BoundaryNormals);

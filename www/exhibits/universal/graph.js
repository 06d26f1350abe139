/** Where the labels go: measured on many pictures, or on those that the visitor's noise grew from. */
import { html, nothing } from 'lit';
import { offer } from '../../pictures/download.js';
import { Task } from '../../task.js';
import { GRAPH, graphSentence } from '../../words/universal.js';
import './graph-view.js';
import { layOut } from './layout.js';
import { UniversalPart, commands } from './part.js';

/**
 * @import { LabelGraphFound } from '../../engine/types.js'
 * @import { Plan } from './layout.js'
 * @import { Run } from './run.js'
 */

export class UniversalGraph extends UniversalPart {
  static table = 'label-graph';
  static properties = {
    ...UniversalPart.properties,
    whose: { state: true },
    graph: { state: true },
    plan: { state: true },
    trouble: { state: true },
  };

  #drawing = new Task();

  constructor() {
    super();
    /** @type {'measured' | Run['method']} */
    this.whose = 'measured';
    /** @type {LabelGraphFound | null} */
    this.graph = null;
    /** @type {Plan | null} */
    this.plan = null;
    this.trouble = '';
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#drawing.stop();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('network')) this.whose = 'measured';
    if (['figures', 'engine', 'network', 'ready', 'whose'].some((name) => changed.has(name)))
      this.#find();
  }

  get #entry() {
    const own = this.figures?.entries.filter(({ network }) => network === this.network);
    return own?.find(({ values }) => values?.ways);
  }

  /** The labels without and with the noise, of each picture. @returns {[number, number][] | null} */
  get #labels() {
    if (this.whose === 'measured') {
      /** @type {[number, number, number][] | undefined} */
      const ways = this.#entry?.values.ways;
      return (
        ways?.flatMap(([from, to, pictures]) =>
          Array.from({ length: pictures }, () => /** @type {[number, number]} */ ([from, to])),
        ) ?? null
      );
    }
    const counted = this.runs.find(({ method }) => method === this.whose)?.counted;
    return counted ? [...counted.own.labels, ...(counted.others?.labels ?? [])] : null;
  }

  async #find() {
    const { engine, ready } = this;
    const labels = this.#labels;
    this.graph = null;
    this.plan = null;
    this.trouble = '';
    if (!engine || !ready || !labels) return;
    try {
      await this.#drawing.run(async (signal) => {
        const graph = await engine.labelGraph(labels, { signal });
        signal.throwIfAborted();
        this.graph = graph;
        const plan = await layOut(graph, signal);
        this.plan = plan;
      });
    } catch (error) {
      this.trouble = /** @type {Error} */ (error).message;
    }
  }

  content() {
    const { graph, plan, trouble, whose } = this;
    const entry = this.#entry;
    if (!entry && !this.runs.length) return html`<p>${GRAPH.none}</p>`;
    return html`${this.#chooser()} ${trouble ? html`<p role="alert">${trouble}</p>` : nothing}
    ${graph ? html`<p id="graph-sentence" aria-live="polite">${graphSentence(graph)}</p>` : nothing}
    ${
      graph && !graph.edges.length
        ? html`<p>${GRAPH.noneLeft}</p>`
        : plan
          ? html`<label-graph-view .plan=${plan}></label-graph-view>
              <p class="fine" id="graph-help">${GRAPH.help}</p>`
          : trouble
            ? nothing
            : html`<p class="fine graph-waiting">${GRAPH.drawing}</p>`
    }
    ${graph ? this.#below(graph) : nothing}
    ${entry && whose === 'measured' ? commands([entry.command]) : nothing}`;
  }

  #chooser() {
    const measured = this.#entry?.values.ways.reduce(
      (/** @type {number} */ sum, /** @type {[number, number, number]} */ [, , pictures]) =>
        sum + pictures,
      0,
    );
    const choice = (/** @type {UniversalGraph['whose']} */ value, /** @type {string} */ title) =>
      html`<label>
        <input
          type="radio"
          name="whose"
          value=${value}
          .checked=${this.whose === value}
          @change=${() => (this.whose = value)}
        />
        <span>${title}</span>
      </label>`;
    if (!this.runs.length) return nothing;
    return html`<div class="universal-methods" role="radiogroup" aria-label=${GRAPH.which}>
      ${measured ? choice('measured', GRAPH.measured(measured)) : nothing}
      ${this.runs.map(({ method }) => choice(method, GRAPH.yours(method)))}
    </div>`;
  }

  /** @param {LabelGraphFound} graph */
  #below({ edges, vertices, dot }) {
    const name = new Map(vertices.map(({ label, name }) => [label, name]));
    return html`<button
        type="button"
        id="dot"
        @click=${() => offer(`labels-${this.network}.dot`, dot)}
      >
        ${GRAPH.dot}
      </button>
      <details class="universal-how">
        <summary>${GRAPH.table}</summary>
        <div class="universal-scroll tall" role="region" tabindex="0" aria-label=${GRAPH.table}>
          <table class="universal-list">
            <thead>
              <tr>
                <th scope="col">${GRAPH.from}</th>
                <th scope="col">${GRAPH.to}</th>
                <th scope="col">${GRAPH.pictures}</th>
              </tr>
            </thead>
            <tbody>
              ${edges.map(
                ({ from, to, pictures, of }) =>
                  html`<tr>
                    <td>${name.get(from)}</td>
                    <td>${name.get(to)}</td>
                    <td>${pictures} / ${of}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>`;
  }
}

customElements.define('universal-graph', UniversalGraph);

/** What the parts below have in common: their figures are fetched when they are opened. */
import { html, nothing } from 'lit';
import { Part } from '../../parts/part.js';
import { HOW, LOADING, NO_FIGURES, TRY_AGAIN } from '../../words/universal.js';
import { results } from './results.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Made } from './shelf.js'
 * @import { Results } from './results.js'
 * @import { Run } from './run.js'
 */

export class UniversalPart extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    ready: { type: Boolean },
    runs: { attribute: false },
    made: { attribute: false },
    figures: { state: true },
    failed: { state: true },
  };

  /** Name of the table in results/; empty for none. */
  static table = '';

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use. */
    this.network = '';
    this.ready = false;
    /** Those that are counted. @type {Run[]} */
    this.runs = [];
    /** The noises that were made here. @type {Made[]} */
    this.made = [];
    /** @type {Results | null} */
    this.figures = null;
    this.failed = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load();
  }

  async #load() {
    const { table } = /** @type {typeof UniversalPart} */ (this.constructor);
    if (!table) return;
    this.failed = false;
    try {
      this.figures = await results(table);
    } catch {
      this.failed = true;
    }
  }

  render() {
    if (this.failed) {
      return html`<p role="alert">
        ${NO_FIGURES} <button type="button" @click=${() => this.#load()}>${TRY_AGAIN}</button>
      </p>`;
    }
    const { table } = /** @type {typeof UniversalPart} */ (this.constructor);
    if (table && !this.figures) return html`<p class="fine">${LOADING}</p>`;
    return this.content();
  }

  /** What it shows. To be said by the subclass. @returns {unknown} */
  content() {
    return nothing;
  }
}

/** The commands that make some figures. @param {string[]} all @param {string} [title] */
export const commands = (all, title = HOW) =>
  html`<details class="universal-how">
    <summary>${title}</summary>
    ${[...new Set(all)].map((command) => html`<pre tabindex="0"><code>${command}</code></pre>`)}
  </details>`;

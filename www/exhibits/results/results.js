/**
 * What was measured, beside what was published: a table at a time, downloaded
 * when it is opened. It needs no classifier.
 */
import { html, nothing } from 'lit';
import '../../parts/chart.js';
import { Part } from '../../parts/part.js';
import { bringIntoRow } from '../../parts/row.js';
import * as words from '../../words/results.js';
import { formula } from './formula.js';
import { howMade } from './how-made.js';
import './results.css';
import { resultsTable } from './results-table.js';
import { TABLES } from './tables.js';

/**
 * @import { Settings } from '../../state.js'
 * @import { PlotOf } from './plots.js'
 * @import { Table } from './table.js'
 *
 * @typedef {{ file: any, table: Table, plot: PlotOf | null }} Opened
 */

/** By file, as long as the page is there. @type {Map<string, Opened>} */
const opened = new Map();

export class ResultsExhibit extends Part {
  static properties = {
    settings: { attribute: false },
    failed: { state: true },
    copied: { state: true },
  };

  constructor() {
    super();
    /** @type {Settings} */
    this.settings = /** @type {Settings} */ ({});
    /** The id of a table that could not be had. */
    this.failed = '';
    /** A command that was copied. */
    this.copied = '';
  }

  get #entry() {
    return TABLES.find(({ id }) => id === this.settings.table) ?? TABLES[0];
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('settings') && !opened.has(this.#entry.file) && this.failed !== this.#entry.id)
      this.#read();
  }

  render() {
    const { id, says = id, file, papers, projects = [] } = this.#entry;
    const shown = opened.get(file);
    const { title, about } = words.TABLES[says];
    return html`<p class="results-intro">${words.intro}</p>
      <nav class="results-nav" aria-label=${words.tablesLabel}>
        ${TABLES.map(
          (entry) =>
            html`<button
              type="button"
              data-table=${entry.id}
              aria-current=${entry.id === id ? 'true' : nothing}
              @click=${() => this.tell('settings', { table: entry.id, sort: '' })}
            >
              ${words.TABLES[entry.says ?? entry.id].title}
            </button>`,
        )}
      </nav>
      <section class="results" aria-labelledby="results-title" aria-busy=${!shown}>
        <h2 id="results-title">${title}</h2>
        <p class="results-about">${formula(about)}</p>
        ${
          this.failed === id
            ? html`<p class="results-missing" role="alert">
                ${words.missing(title)}
                <button type="button" @click=${() => this.#read()}>${words.tryAgain}</button>
              </p>`
            : shown
              ? this.#shown(shown, title, says)
              : html`<p class="results-about">${words.loading}</p>`
        }
        ${
          papers.length
            ? html`<p class="results-papers">
                ${words.papers}:
                ${papers.map(
                  (paper, at) =>
                    html`${at ? '; ' : ''}<a href="https://arxiv.org/abs/${paper}"
                        >${words.PAPERS[paper]}</a
                      >`,
                )}
              </p>`
            : nothing
        }
        ${
          projects.length
            ? html`<p class="results-papers">
                ${words.projects}:
                ${projects.map((name, at) => {
                  const { title, address } = words.PROJECTS[name];
                  return html`${at ? '; ' : ''}<a href=${address}>${title}</a>`;
                })}
              </p>`
            : nothing
        }
      </section>`;
  }

  updated() {
    this.dataset.state = opened.has(this.#entry.file) ? 'answered' : 'waiting';
    if (this.dataset.table === this.#entry.id) return;
    this.dataset.table = this.#entry.id;
    bringIntoRow(this.querySelector('.results-nav [aria-current]'));
  }

  /** @param {Opened} shown @param {string} title @param {string} says */
  #shown({ file, table, plot }, title, says) {
    const { settings } = this;
    return html`<p class="sentence" id="sentence" aria-live="polite">
        ${words.SENTENCES[says]?.(table.rows)}
      </p>
      ${
        plot
          ? html`<figure class="results-plot">
              <figcaption>${plot.label}</figcaption>
              <plot-chart
                .spec=${plot.spec}
                .rows=${plot.rows}
                .columns=${plot.columns}
                .label=${plot.label}
              ></plot-chart>
            </figure>`
          : nothing
      }
      ${resultsTable({
        table,
        title,
        sort: settings.sort,
        tell: (sort) => this.tell('settings', { sort }),
      })}
      ${howMade({ file, copied: this.copied, copy: (command) => this.#copy(command) })}
      <p><button type="button" @click=${() => this.tell('share')}>${words.share}</button></p>`;
  }

  async #read() {
    const entry = this.#entry;
    this.failed = '';
    try {
      const response = await fetch(`results/${entry.file}.json`);
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      const file = await response.json();
      const table = entry.read(file);
      opened.set(entry.file, { file, table, plot: entry.plot?.(file, table) ?? null });
    } catch {
      if (entry === this.#entry) this.failed = entry.id;
    }
    this.requestUpdate();
  }

  /** @param {string} command */
  async #copy(command) {
    try {
      await navigator.clipboard.writeText(command);
      this.copied = command;
    } catch {
      // Not allowed in this frame: the command stands there to be selected.
    }
  }
}

customElements.define('results-exhibit', ResultsExhibit);

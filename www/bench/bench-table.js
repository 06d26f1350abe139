/** The table: rows in groups, a column for each who was measured. */
import { html, nothing } from 'lit';
import { Part } from '../parts/part.js';
import { amount } from './report.js';
import { ratioToBest } from './stats.js';

/**
 * @import { Cell } from './run.js'
 * @import { Column } from './columns.js'
 * @import { Row } from './rows.js'
 */

/** What the worker did for one question, in the order in which it is read. */
const COUNTS = [
  ['dispatches', 'dispatches'],
  ['submits', 'submits'],
  ['buffers', 'buffers'],
  ['bindGroups', 'bind groups'],
  ['pipelines', 'pipelines'],
  ['calls', 'calls into wasm'],
];

export class BenchTable extends Part {
  static properties = {
    cells: { attribute: false },
    columns: { attribute: false },
    rows: { attribute: false },
  };

  constructor() {
    super();
    /** @type {Cell[]} */
    this.cells = [];
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Row[]} */
    this.rows = [];
  }

  render() {
    const groups = [...new Set(this.rows.map(({ group }) => group))];
    return html`<div class="scroll" role="region" aria-label="Measurements" tabindex="0">
      <table>
        <caption>
          Medians; below each the fastest and the slowest run.
          ${this.columns.some(({ own }) => !own) ? 'Ours are compared with the best peer.' : ''}
        </caption>
        <thead>
          <tr>
            <td></td>
            ${this.columns.map(
              (column) =>
                html`<th scope="col"><span class="fine">${column.by}</span> ${column.title}</th>`,
            )}
          </tr>
        </thead>
        ${groups.map(
          (group) =>
            html`<tbody>
              <tr class="group">
                <th scope="rowgroup" colspan=${this.columns.length + 1}><span>${group}</span></th>
              </tr>
              ${this.rows.filter((row) => row.group === group).map((row) => this.#row(row))}
            </tbody>`,
        )}
      </table>
    </div>`;
  }

  /** @param {Row} row */
  #row(row) {
    const cells = this.cells.filter((cell) => cell.row === row.id);
    const peers = this.columns
      .filter(({ own }) => !own)
      .flatMap(({ id }) => cells.find((cell) => cell.column === id)?.median ?? []);
    return html`<tr data-row=${row.id}>
      <th scope="row">${row.title}</th>
      ${this.columns.map((column) => {
        const cell = cells.find((cell) => cell.column === column.id);
        return html`<td data-column=${column.id}>
          ${cell ? this.#cell(cell, column, peers) : nothing}
        </td>`;
      })}
    </tr>`;
  }

  /** @param {Cell} cell @param {string} row */
  #isAbove(cell, row) {
    const place = (/** @type {string} */ of) => this.rows.findIndex(({ id }) => id === of);
    return place(cell.row) < place(row);
  }

  /**
   * @param {Cell} cell
   * @param {Column} column
   * @param {number[]} peers
   */
  #cell({ row, median, min, max, runs, unit, note, counts }, column, peers) {
    const small = (/** @type {unknown} */ text) => html`<span class="fine">${text}</span>`;
    if (median === null || min === null || max === null) {
      // A sentence is said once, not down the whole column.
      const above = this.cells.findLast(
        (cell) => cell.column === column.id && this.#isAbove(cell, row),
      );
      return small(above?.note === note ? html`<span title=${note ?? ''}>–</span>` : note);
    }
    const ratio = column.own && unit !== 'MB' && ratioToBest(median, peers, unit === 'fps');
    return html`<span class="median">${amount(median, unit)}</span>
      ${runs > 1 ? small(`${amount(min, unit)} to ${amount(max, unit)}`) : nothing}
      ${ratio ? small(comparison(ratio)) : nothing} ${note ? small(note) : nothing}
      ${counts ? COUNTS.map(([key, name]) => (counts[key] ? small(`${Math.round(counts[key])} ${name}`) : nothing)) : nothing}`;
  }
}

/** @param {number} ratio */
function comparison(ratio) {
  if (ratio > 0.97 && ratio < 1.03) return 'as fast as the best peer';
  const [times, word] = ratio > 1 ? [ratio, 'as fast as'] : [1 / ratio, 'slower than'];
  return `${times.toPrecision(2)} × ${word} the best peer`;
}

customElements.define('bench-table', BenchTable);

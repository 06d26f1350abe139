/** A table that can be sorted by each of its columns. */
import { html, nothing } from 'lit';
import { amount, count } from '../../words/common.js';
import { intervalText, paperText, regionLabel, sortLabel } from '../../words/results.js';
import { formula } from './formula.js';
import { sorted } from './table.js';

/** @import { Cell, Column, Row, Table } from './table.js' */

/**
 * @param {object} shown
 * @param {Table} shown.table
 * @param {string} shown.title
 * @param {string} shown.sort the key of a column, after a minus the other way round; or nothing
 * @param {(sort: string) => void} shown.tell
 */
export function resultsTable({ table, title, sort, tell }) {
  const key = sort.replace(/^-/, '');
  const descending = sort.startsWith('-');
  const known = table.columns.some((column) => column.key === key);
  const rows = known ? sorted(table.rows, key, descending) : table.rows;
  return html`<div
    class="results-scroll"
    role="region"
    tabindex="0"
    aria-label=${regionLabel(title)}
  >
    <table>
      <thead>
        <tr>
          ${table.columns.map((column) => heading(column, known && column.key === key, descending, tell))}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr data-kind=${row.kind}>
              ${table.columns.map((column, at) => cell(row, column, at === 0))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** @param {Column} column @param {boolean} chosen @param {boolean} descending @param {(sort: string) => void} tell */
function heading({ key, title, type }, chosen, descending, tell) {
  const order = !chosen ? 'none' : descending ? 'descending' : 'ascending';
  // Of numbers the largest are asked for first, of words the first.
  const next = chosen ? (descending ? key : `-${key}`) : type === 'text' ? key : `-${key}`;
  return html`<th scope="col" data-type=${type} aria-sort=${order}>
    <button
      type="button"
      data-key=${key}
      title=${sortLabel(title.replace('_', ' '), order)}
      @click=${() => tell(next)}
    >
      <span>${formula(title)}</span
      ><span aria-hidden="true">${order === 'none' ? '' : descending ? ' ▾' : ' ▴'}</span>
    </button>
  </th>`;
}

/** @param {Row} row @param {Column} column @param {boolean} isFirst */
function cell(row, { key, type }, isFirst) {
  if (type === 'text') {
    const text = row.text[key] ?? '';
    return isFirst ? html`<th scope="row">${text}</th>` : html`<td>${text}</td>`;
  }
  const found = row.cells[key];
  if (!found) return html`<td data-type=${type}>–</td>`;
  const write = (/** @type {number} */ value) => written(value, type);
  return html`<td data-type=${type} data-column=${key} data-value=${found.value}>
    ${write(found.value)}${deviation(found, write)}
    ${
      found.low !== undefined &&
      found.low !== null &&
      found.high !== undefined &&
      found.high !== null
        ? html`<small>${intervalText(write(found.low), write(found.high))}</small>`
        : nothing
    }
    ${
      found.paper === undefined
        ? nothing
        : html`<small data-paper=${found.paper}>${paperText(write(found.paper))}</small>`
    }
  </td>`;
}

/** @param {Cell} cell @param {(value: number) => string} write */
const deviation = ({ deviation: value }, write) => (value ? ` ± ${write(value)}` : '');

/** @param {number} value @param {Column['type']} type */
export function written(value, type) {
  if (type === 'percent') return `${(100 * value).toFixed(1)} %`;
  if (type === 'whole') return count(value);
  return Math.abs(value) >= 1000 ? amount(value) : String(Number(value.toPrecision(3)));
}

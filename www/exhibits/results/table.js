/** The form that all tables have, and how a file of `lab tables` becomes one. */
import { COLUMNS, measured, published } from '../../words/results.js';

/**
 * @typedef {object} Cell
 * @property {number} value
 * @property {number | null} [low] of the 95 % interval
 * @property {number | null} [high]
 * @property {number} [count] pictures behind it
 * @property {number} [deviation] standard deviation over pictures
 * @property {number} [paper] what was published for the same
 *
 * @typedef {{ kind: string, text: Record<string, string>, cells: Record<string, Cell> }} Row
 *
 * @typedef {object} Column
 * @property {string} key
 * @property {string} title
 * @property {'text' | 'percent' | 'number' | 'whole'} type
 *
 * @typedef {{ columns: Column[], rows: Row[] }} Table
 *
 * An entry of a results file.
 * @typedef {object} Entry
 * @property {string} network
 * @property {string} title
 * @property {string} measure
 * @property {number | null} value
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [count]
 * @property {number} [deviation]
 * @property {any} [values]
 * @property {{ value: number }} [published]
 * @property {string} command
 * @property {string} machine
 * @property {number} [seconds]
 * @property {number} [seed]
 *
 * @typedef {{ network: string, measure: string, value: number, deviation?: number, source: string }} Published
 * @typedef {{ entries: Entry[], published: Published[] }} File
 *
 * Which row a measure belongs to, beside its network, and which column; null to leave it out.
 * @typedef {(measure: string, network: string) => { column: string, text?: Record<string, string>, number?: Record<string, number> } | null} Split
 */

/** @param {string} key @param {Column['type']} [type] @param {string} [title] @returns {Column} */
export const column = (key, type = 'text', title) => ({
  key,
  type,
  title: title ?? /** @type {Record<string, string>} */ (COLUMNS)[key],
});

/** @param {Entry} entry @returns {Cell | null} */
export function cellOf({ value, low, high, count, deviation, published: other }) {
  if (value === null) return null;
  return { value, low, high, count, deviation, paper: other?.value };
}

/**
 * A row for each network and whatever else tells rows apart.
 * @param {File} file
 * @param {Split} split
 * @returns {Row[]}
 */
export function pivot(file, split) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  const put = (
    /** @type {string} */ kind,
    /** @type {string} */ network,
    /** @type {string} */ measure,
    /** @type {Cell | null} */ cell,
  ) => {
    const place = split(measure, network);
    if (!place || !cell) return;
    const { text = {}, number = {} } = place;
    const key = JSON.stringify([kind, network, text, number]);
    let row = rows.get(key);
    if (!row) {
      const numbers = Object.entries(number).map(([key, value]) => [key, { value }]);
      row = { kind, text: { network, kind, ...text }, cells: Object.fromEntries(numbers) };
      rows.set(key, row);
    }
    row.cells[place.column] = cell;
    if (cell.count !== undefined) row.cells.pictures ??= { value: cell.count };
  };
  for (const entry of file.entries) put(measured, entry.title, entry.measure, cellOf(entry));
  for (const { network, measure, value, deviation } of file.published ?? [])
    put(published, network, measure, { value, deviation });
  return [...rows.values()];
}

/**
 * By a column, what is missing last.
 * @param {Row[]} rows
 * @param {string} key
 * @param {boolean} descending
 */
export function sorted(rows, key, descending) {
  const value = (/** @type {Row} */ row) => row.text[key] ?? row.cells[key]?.value;
  const there = rows.filter((row) => value(row) !== undefined);
  const missing = rows.filter((row) => value(row) === undefined);
  there.sort((rowA, rowB) => {
    const [a, b] = [value(rowA), value(rowB)];
    const order =
      typeof a === 'number' && typeof b === 'number'
        ? a - b
        : String(a).localeCompare(String(b), 'en', { numeric: true });
    return descending ? -order : order;
  });
  return [...there, ...missing];
}

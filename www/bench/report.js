/** The result as it is kept: who, where, when, and a line a cell. */

/**
 * @import { Cell } from './run.js'
 * @typedef {import('./device.js').Here & { project: string, date: string, network: string, rows: Cell[] }} Report
 */

/**
 * @param {import('./device.js').Here} here
 * @param {string} network
 * @param {Cell[]} cells
 * @returns {Report}
 */
export const report = (here, network, cells) => ({
  project: 'foolscope',
  date: new Date().toISOString().slice(0, 10),
  ...here,
  network,
  rows: cells,
});

/** Three digits say enough. @param {Report} of */
export const json = (of) =>
  JSON.stringify(
    of,
    (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value),
    1,
  );

/** @param {number} value @param {string} unit */
export function amount(value, unit) {
  if (unit === 'ms' && value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${unit}`;
}

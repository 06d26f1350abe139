/** What a chart says beside its axes. */
import { LANGUAGE, TRY_AGAIN } from './common.js';

/**
 * @typedef {object} Column of the table under a chart
 * @property {string} key of the rows
 * @property {string} title
 * @property {string} [unit]
 * @property {(value: any, row: any) => string} [format]
 */

export const asTable = 'The same as a table';
export const notLoaded = 'The charts could not be downloaded; the numbers stand in the table.';
export { TRY_AGAIN as tryAgain };
/** @param {string} label */
export const tableOf = (label) => `Table: ${label}`;

/** @param {Column} column */
export const heading = ({ title, unit }) => (unit ? `${title} (${unit})` : title);

/**
 * One number as a table has it: four significant digits unless the column knows better.
 * @param {Column} column
 * @param {Record<string, any>} row
 */
export function cellText({ key, format }, row) {
  const value = row[key];
  if (value === undefined || value === null) return '–';
  if (format) return format(value, row);
  return typeof value === 'number'
    ? value.toLocaleString(LANGUAGE, { maximumSignificantDigits: Math.max(4, wholeDigits(value)) })
    : String(value);
}

/** A large whole number keeps all its digits. @param {number} value */
const wholeDigits = (value) =>
  Number.isInteger(value) ? Math.min(21, Math.abs(value).toFixed(0).length) : 4;

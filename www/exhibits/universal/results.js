/** Figures that were measured before, each table fetched once. */

/**
 * @typedef {object} Entry
 * @property {string} network
 * @property {string} title
 * @property {string} measure
 * @property {number} value
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [count]
 * @property {string} command
 * @property {any} [values]
 *
 * @typedef {{ network: string, measure: string, value: number, source: string }} PublishedEntry
 * @typedef {{ entries: Entry[], published: PublishedEntry[] }} Results
 */

/** @type {Map<string, Promise<Results>>} */
const fetched = new Map();

/** @param {string} table @returns {Promise<Results>} */
export function results(table) {
  let coming = fetched.get(table);
  if (!coming) {
    coming = fetchTable(table);
    coming.catch(() => fetched.delete(table));
    fetched.set(table, coming);
  }
  return coming;
}

/** @param {string} table @returns {Promise<Results>} */
async function fetchTable(table) {
  const response = await fetch(new URL(`results/${table}.json`, document.baseURI));
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

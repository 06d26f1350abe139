/**
 * What the address can say of a run: a smaller network for slow adapters, fewer
 * repeats, some rows or columns only.
 */
import { COLUMNS } from './columns.js';
import { NETWORKS } from './peers/networks.js';
import { ROWS } from './rows.js';

/**
 * @param {string} search the part of an address after the question mark
 */
export function readSettings(search) {
  const query = new URLSearchParams(search);
  const list = (/** @type {string} */ name) => query.get(name)?.split(',') ?? null;
  const network = query.get('network') ?? '';
  const repeats = Number.parseInt(query.get('repeats') ?? '', 10);
  const columns = list('columns');
  const rows = list('rows');
  return {
    network: Object.hasOwn(NETWORKS, network) ? network : 'efficientnet-lite0',
    repeats: repeats >= 1 ? repeats : Infinity,
    /** Ticked at the start; ours unless told. */
    columns: COLUMNS.filter(({ id, own }) => (columns ? columns.includes(id) : own)),
    rows: ROWS.filter(({ id }) => !rows || rows.includes(id)),
    theme: query.get('theme'),
  };
}

/** The README's tables of other programs on the same pictures. */
import { METHODS } from '../../www/words/results.js';
import { markdown } from './markdown.mjs';

/**
 * @typedef {object} Entry
 * @property {string} measure `what, norm, by, method, steps, pictures`
 * @property {number} value
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [count]
 *
 * @typedef {object} Peers
 * @property {{ date: string, versions: Record<string, string> }} made
 * @property {Entry[]} entries
 */

/** As the page calls them; the norm has a column of its own here. @type {Record<string, string>} */
const NAMES = { ...METHODS, 'deepfool-linf': METHODS.deepfool };

/** What of `what, norm, by, …` says which row a figure is in. @param {Peers} peers */
function rowsOf({ entries }) {
  /** @type {Map<string, Entry[]>} */
  const rows = new Map();
  for (const entry of entries) {
    const row = entry.measure.slice(entry.measure.indexOf(', ') + 2);
    rows.set(row, [...(rows.get(row) ?? []), entry]);
  }
  return [...rows].map(([row, own]) => ({
    names: row.split(', '),
    of: (/** @type {string} */ what) => own.find(({ measure }) => measure.startsWith(`${what}, `)),
  }));
}

/** From www/results/peers.json. @param {Peers} peers */
export function peersTable(peers) {
  return markdown(
    [
      '',
      'by',
      'norm',
      'median, grey levels',
      'gradients',
      'seconds',
      'fooled',
      'saved',
      'pictures',
    ],
    rowsOf(peers).map(({ names: [norm, by, method, steps, pictures], of }) => {
      const size = of('median norm');
      const name = NAMES[method] ?? method;
      return [
        // Of what ends by itself they are only a limit.
        Number(steps) && !method.includes('deepfool')
          ? `${name}, ${Number(steps).toLocaleString('en')} steps`
          : name,
        by,
        normName(norm),
        size ? `${levels(size.value)} [${levels(size.low)}, ${levels(size.high)}]` : '',
        Math.round(Number(of('gradients')?.value)).toLocaleString('en'),
        seconds(of('seconds')?.value),
        percent(of('fooled')?.value),
        percent(of('fooled saved')?.value),
        pictures,
      ];
    }),
  );
}

/** From www/results/universal-peers.json. @param {Peers} peers */
export const universalPeersTable = (peers) =>
  markdown(
    ['', 'by', 'norm', 'made from', 'fools own', 'fools others', 'gradients', 'seconds'],
    rowsOf(peers).map(({ names: [norm, by, method, , own], of }) => [
      NAMES[method] ?? method,
      by,
      normName(norm),
      own,
      rate(of('fooling rate on own')),
      rate(of('fooling rate on others')),
      Number(of('gradients')?.value).toLocaleString('en'),
      seconds(of('seconds')?.value),
    ]),
  );

/** With what. @param {Peers} peers */
export const peersVersions = ({ made }) =>
  Object.entries(made.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');

/** @param {number | undefined} value */
const levels = (value = NaN) =>
  value >= 10 ? value.toFixed(1) : value.toPrecision(value >= 1 ? 2 : 3);

/** @param {number | undefined} share */
const percent = (share = NaN) => `${Math.round(100 * share)} %`;

/** @param {Entry | undefined} entry */
const rate = (entry) =>
  entry
    ? `${percent(entry.value)} [${Math.round(100 * Number(entry.low))}, ${Math.round(100 * Number(entry.high))}]`
    : '';

/** @param {string} norm */
const normName = (norm) => (norm === 'linf' ? 'ℓ∞' : 'ℓ₂');

/** Back to a number: otherwise 147 would be 1.5e+2. @param {number | undefined} value */
const seconds = (value = NaN) => String(Number(value.toPrecision(2)));

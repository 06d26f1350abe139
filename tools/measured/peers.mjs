/** The README's table of other programs on the same pictures, from www/results/peers.json. */
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

/** @param {Peers} peers */
export function peersTable({ entries }) {
  /** @type {Map<string, Entry[]>} */
  const rows = new Map();
  for (const entry of entries) {
    const row = entry.measure.slice(entry.measure.indexOf(', ') + 2);
    rows.set(row, [...(rows.get(row) ?? []), entry]);
  }
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
    [...rows].map(([row, own]) => {
      const [norm, by, method, steps, pictures] = row.split(', ');
      const of = (/** @type {string} */ what) =>
        own.find(({ measure }) => measure.startsWith(`${what}, `));
      const size = of('median norm');
      const name = NAMES[method] ?? method;
      return [
        // Of what ends by itself they are only a limit.
        Number(steps) && !method.includes('deepfool')
          ? `${name}, ${Number(steps).toLocaleString('en')} steps`
          : name,
        by,
        norm === 'linf' ? 'ℓ∞' : 'ℓ₂',
        size ? `${levels(size.value)} [${levels(size.low)}, ${levels(size.high)}]` : '',
        Math.round(Number(of('gradients')?.value)).toLocaleString('en'),
        // Back to a number: otherwise 147 would be 1.5e+2.
        String(Number(Number(of('seconds')?.value).toPrecision(2))),
        percent(of('fooled')?.value),
        percent(of('fooled saved')?.value),
        pictures,
      ];
    }),
  );
}

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

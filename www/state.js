/**
 * Everything that a link to the page can say, in one table. It is read from the
 * address at the start and written back on every change, so that the address
 * always shows what the visitor sees.
 */
import { EXHIBITS } from './exhibits/table.js';

/**
 * @typedef {object} Settings
 * @property {string} exhibit its id
 * @property {string} network
 * @property {'auto' | 'cpu' | 'gpu'} device
 * @property {string} sample id of a sample; empty for the network's first, `own` with a picture of
 *   one's own, which no address holds
 * @property {'none' | 'universal' | 'random' | 'deepfool'} noise
 * @property {string} universal id of the universal noise; empty for the first that is shipped
 * @property {number} strength of the universal noise: its radius in levels of 255; for one that is
 *   measured by its length (l2), 10 is the length that it was made with
 * @property {number} target class of DeepFool, in Live, and of noises that are made; -1 for any other
 *   than the picture's own
 * @property {'stochastic' | 'original'} method whose noise is shown, in Universal
 * @property {'linf' | 'l2'} norm of noises that are made, in Universal
 * @property {number} radius of noises that are made, in levels of 255; 0 for the usual one
 * @property {number} seed of noises that are made
 * @property {'' | 'gallery' | 'transfer' | 'graph' | 'feedback'} part that is open, in Universal
 * @property {string[]} more what else is open in Live: `survive`, `beside`, `noises`
 * @property {number} quality of the JPEG, in Live
 * @property {string[]} beside ids of further networks that answer, in Live
 * @property {number} dimension of semi-random noise; 0 for the usual one
 * @property {string} across the second direction of the plane through a picture: empty, or
 *   `random-2` and so on, for one drawn by a seed; `class-7` for the smallest noise to that label;
 *   else the id of a universal noise
 * @property {number} reach of the plane to each side, in levels; 0 for twice the smallest noise
 * @property {number} points of the plane along a side; 0 for as many as the network has time for
 * @property {string} table of the results
 * @property {string} sort the column by which it is sorted, after a minus the other way round; or
 *   empty, as it was measured
 * @property {string} words that are hidden, in Hidden message; empty for the usual ones
 * @property {number} scatter seed of their places
 * @property {number} wordsize of the largest letters, in percent of the picture's height; 0 for the usual
 * @property {number} wordcount of them there are at most
 * @property {'patch' | 'move'} change in Small changes
 * @property {string} patch x, y and side in pixels, in Small changes; empty for the usual one
 * @property {string} colour of the patch, as 808080
 * @property {string} move right and down in pixels, degrees, scale, in Small changes; empty for none
 * @property {'auto' | 'dark' | 'light'} theme
 * @property {string[]} hide parts left out, for a frame in another page
 * @property {'none' | 'gpu-refused' | 'self-test' | 'gpu-lost'} inject a failure made on purpose, for tests
 *
 * @typedef {{ type: 'choice', values: readonly string[], default: string }
 *   | { type: 'text', default: string }
 *   | { type: 'number', min: number, max: number, default: number, whole?: boolean }
 *   | { type: 'list', values?: readonly string[], default: string[] }} Entry a list without `values`
 *   takes any names
 */

/** The picture is the visitor's own: elsewhere a link to it opens with a sample. */
export const OWN_PICTURE = 'own';

/** @type {Record<keyof Settings, Entry>} */
export const TABLE = {
  exhibit: { type: 'choice', values: EXHIBITS.map(({ id }) => id), default: 'live' },
  network: { type: 'text', default: 'efficientnet-lite0' },
  device: { type: 'choice', values: ['auto', 'cpu', 'gpu'], default: 'auto' },
  sample: { type: 'text', default: '' },
  noise: { type: 'choice', values: ['none', 'universal', 'random', 'deepfool'], default: 'none' },
  universal: { type: 'text', default: '' },
  strength: { type: 'number', min: 0, max: 20, default: 10 },
  target: { type: 'number', whole: true, min: -1, max: 1e5, default: -1 }, // live, universal
  more: { type: 'list', values: ['survive', 'beside', 'noises'], default: [] }, // live
  quality: { type: 'number', whole: true, min: 1, max: 100, default: 90 }, // live
  beside: { type: 'list', default: [] }, // live
  method: { type: 'choice', values: ['stochastic', 'original'], default: 'stochastic' }, // universal
  norm: { type: 'choice', values: ['linf', 'l2'], default: 'linf' }, // universal
  radius: { type: 'number', min: 0, max: 1e5, default: 0 }, // universal
  seed: { type: 'number', whole: true, min: 0, max: 4294967295, default: 0 }, // universal
  part: {
    type: 'choice',
    values: ['', 'gallery', 'transfer', 'graph', 'feedback'],
    default: '',
  }, // universal
  dimension: { type: 'number', whole: true, min: 0, max: 1e7, default: 0 },
  // Geometry
  across: { type: 'text', default: '' },
  reach: { type: 'number', min: 0, max: 1e6, default: 0 },
  points: { type: 'number', whole: true, min: 0, max: 321, default: 0 },
  // Results
  table: { type: 'text', default: 'robustness' },
  sort: { type: 'text', default: '' },
  words: { type: 'text', default: '' }, // message
  scatter: { type: 'number', whole: true, min: 0, max: 9999, default: 0 }, // message
  wordsize: { type: 'number', min: 0, max: 100, default: 0 }, // message
  wordcount: { type: 'number', whole: true, min: 1, max: 256, default: 64 }, // message
  change: { type: 'choice', values: ['patch', 'move'], default: 'patch' }, // changes
  patch: { type: 'text', default: '' }, // changes
  colour: { type: 'text', default: '' }, // changes
  move: { type: 'text', default: '' }, // changes
  theme: { type: 'choice', values: ['auto', 'dark', 'light'], default: 'auto' },
  hide: { type: 'list', values: ['header', 'footer', 'pictures'], default: [] },
  inject: {
    type: 'choice',
    values: ['none', 'gpu-refused', 'self-test', 'gpu-lost'],
    default: 'none',
  },
};

const NAMES = /** @type {(keyof Settings)[]} */ (Object.keys(TABLE));

/**
 * What cannot be understood is left at its default.
 * @param {string} search the part of an address after the question mark
 * @returns {Settings}
 */
export function readSettings(search) {
  const query = new URLSearchParams(search);
  return /** @type {Settings} */ (
    Object.fromEntries(NAMES.map((name) => [name, read(TABLE[name], query.get(name))]))
  );
}

/** @param {Entry} entry @param {string | null} text */
function read(entry, text) {
  if (text === null) return entry.default;
  switch (entry.type) {
    case 'choice':
      return entry.values.includes(text) ? text : entry.default;
    case 'number': {
      const number = text.trim() === '' ? NaN : Number(text);
      return Number.isFinite(number)
        ? Math.min(entry.max, Math.max(entry.min, entry.whole ? Math.round(number) : number))
        : entry.default;
    }
    case 'list':
      return text.split(',').filter((item) => item && (entry.values?.includes(item) ?? true));
    default:
      return text;
  }
}

/**
 * The other way. Defaults are left out, so that a plain page has a plain address.
 * @param {Settings} settings
 * @returns {string} empty, or from the question mark on
 */
export function writeSettings(settings) {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const text = written(settings[name]);
    if (text !== String(TABLE[name].default)) query.set(name, text);
  }
  const search = query.toString().replaceAll('%2C', ',');
  return search && `?${search}`;
}

/** A slider's numbers carry the dust of their last digits; nobody sees a thousandth of a level. @param {Settings[keyof Settings]} value */
const written = (value) =>
  typeof value === 'number' ? String(Number(value.toFixed(3))) : String(value);

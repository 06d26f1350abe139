/**
 * The noises that were made here on this visit, by network: they stay when
 * another exhibit is opened, and hang in the gallery beside the shipped ones.
 */

/**
 * @import { Method } from './run.js'
 *
 * @typedef {object} Made
 * @property {string} id
 * @property {Method} method
 * @property {number} seed
 * @property {'linf' | 'l2'} norm
 * @property {number} radius
 * @property {Float32Array<ArrayBuffer>} data
 */

/** Of each network so many, the newest. */
const MOST = 6;

/** @type {Map<string, Made[]>} */
const shelves = new Map();

/** @param {string} network its id @returns {Made[]} oldest first */
export const madeFor = (network) => shelves.get(network) ?? [];

/**
 * In place of one that was made alike: from another seed, or of another size, it
 * would be another noise.
 * @param {string} network
 * @param {Omit<Made, 'id'>} made
 */
export function shelve(network, made) {
  const before = madeFor(network);
  if (before.some(({ data }) => data === made.data)) return;
  const others = before.filter((each) => !isAlike(each, made));
  const id = `made-${made.method}-${performance.now()}`;
  shelves.set(network, [...others, { ...made, id }].slice(-MOST));
}

/** @param {Omit<Made, 'id'>} a @param {Omit<Made, 'id'>} b */
const isAlike = (a, b) =>
  a.method === b.method && a.seed === b.seed && a.norm === b.norm && a.radius === b.radius;

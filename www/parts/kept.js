/**
 * What exhibits had found, for whoever comes back to one: the same figures are
 * there at once. It is remembered for this visit alone, and the oldest goes when
 * there is too much of it.
 */

/** Each holds a few noises of a network's size: with the largest, a few MB. */
const MOST = 16;

export class Kept {
  #most;
  /** In the order in which they were last used. @type {Map<string, unknown>} */
  #all = new Map();

  /** @param {number} [most] so many are remembered */
  constructor(most = MOST) {
    this.#most = most;
  }

  /**
   * @param {string[]} of the exhibit, and what its result depends on, such as network and picture
   * @param {unknown} value
   */
  keep(of, value) {
    const key = JSON.stringify(of);
    this.#all.delete(key);
    this.#all.set(key, value);
    const [oldest] = this.#all.keys();
    if (this.#all.size > this.#most) this.#all.delete(oldest);
  }

  /** @param {string[]} of @returns {any} undefined where nothing is remembered */
  recall(of) {
    const key = JSON.stringify(of);
    if (!this.#all.has(key)) return undefined;
    const value = this.#all.get(key);
    this.keep(of, value);
    return value;
  }
}

/** The page has one. */
export const kept = new Kept();

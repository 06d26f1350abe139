/**
 * How much of everything has arrived, while several files are on their way at
 * the same time.
 */

/** @import { Progress } from './types.js' */

export class Tally {
  /** @type {Map<string, { loaded: number, total: number | null, cached: boolean }>} */
  #files = new Map();
  #tell;

  /** @param {(progress: Progress) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /**
   * @param {string} file
   * @param {number} loaded
   * @param {number | null} total null where nobody knows
   * @param {boolean} [cached] it need not be downloaded
   */
  report(file, loaded, total, cached = false) {
    this.#files.set(file, { loaded, total, cached });
    this.#tell(this.progress);
  }

  /** Of what is downloaded; what was kept from an earlier visit is there at once. */
  get progress() {
    const all = [...this.#files.values()];
    const coming = all.filter(({ cached }) => !cached);
    const sum = (/** @type {(number | null)[]} */ sizes) =>
      sizes.reduce((sum, size) => (sum === null || size === null ? null : sum + size), 0);
    return /** @type {Extract<Progress, { stage: 'download' }>} */ ({
      stage: 'download',
      file: [...this.#files.keys()].join(' '),
      loaded: sum(coming.map(({ loaded }) => loaded)) ?? 0,
      total: sum(coming.map(({ loaded, total }) => total && Math.max(loaded, total))),
      cached: all.length > 0 && coming.length === 0,
    });
  }
}

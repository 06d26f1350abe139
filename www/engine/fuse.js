/**
 * Promises that must fail together: when the worker dies or the GPU is lost,
 * what was asked of it would otherwise wait for ever. (`Promise.race` against
 * one long-lived promise would do too, but keeps every loser in memory.)
 */
export class Fuse {
  /** @type {Set<(error: Error) => void>} */
  #open = new Set();
  /** @type {Error | null} */
  blown = null;

  /** @param {Error} error */
  blow(error) {
    this.blown ??= error;
    for (const reject of this.#open) reject(this.blown);
    this.#open.clear();
  }

  /**
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  guard(promise) {
    if (this.blown) return Promise.reject(this.blown);
    return new Promise((resolve, reject) => {
      this.#open.add(reject);
      promise.then(resolve, reject).finally(() => this.#open.delete(reject));
    });
  }
}

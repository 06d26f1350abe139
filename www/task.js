/**
 * One thing that takes a while and that somebody waits for. What is begun anew
 * ends the one before, whose answer is dropped however late it comes; who stops it
 * hears no error. Whether one runs is told at once, so that the page can say so
 * in the same moment as it was asked.
 */
export class Task {
  /** @type {AbortController | null} */
  #controller = null;
  #changed;

  /** @param {() => void} [changed] hears of every begin and end */
  constructor(changed = () => {}) {
    this.#changed = changed;
  }

  get running() {
    return this.#controller !== null;
  }

  /**
   * @template T
   * @param {(signal: AbortSignal) => Promise<T>} work
   * @returns {Promise<T | undefined>} undefined where it was stopped, or another begun
   */
  async run(work) {
    this.#controller?.abort();
    const controller = (this.#controller = new AbortController());
    const { signal } = controller;
    this.#changed();
    try {
      const value = await work(signal);
      return signal.aborted ? undefined : value;
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#controller === controller) this.#end();
    }
  }

  /** @returns {boolean} whether there was anything to stop */
  stop() {
    if (!this.#controller) return false;
    this.#controller.abort();
    this.#end();
    return true;
  }

  #end() {
    this.#controller = null;
    this.#changed();
  }
}

/** What was told and may hold no longer: it is taken back once it is mended. */

/** @import { Notice } from '../../parts/notice-bar.js' */

export class Told {
  #tell;
  /** What was told and is not settled yet. @type {Set<string>} */
  #troubles = new Set();

  /** @param {(notice: Notice) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {string} about @param {string} text one sentence @param {() => void} [again] */
  explain(about, text, again) {
    this.#troubles.add(about);
    this.#tell({ about, text, again });
  }

  /** What was told of it holds no longer. @param {string} about */
  settle(about) {
    if (this.#troubles.delete(about)) this.#tell({ about, text: '' });
  }
}

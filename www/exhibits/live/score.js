/**
 * How many different pictures the universal noise has fooled. A picture that is
 * looked at again counts once, with its latest answer.
 */
export class Score {
  /** @type {Map<string, boolean>} */
  #answers = new Map();

  /** @param {string} picture @param {boolean} fooled */
  record(picture, fooled) {
    this.#answers.set(picture, fooled);
  }

  get seen() {
    return this.#answers.size;
  }

  get fooled() {
    return [...this.#answers.values()].filter(Boolean).length;
  }
}

/** @import { Scene } from './scene.js' */

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

/** By the id of the noise. */
export class Scores {
  /** @type {Map<string, Score>} */
  #scores = new Map();

  /** @param {string} id */
  of(id) {
    const { fooled, seen } = this.#scores.get(id) ?? new Score();
    return { fooled, seen };
  }

  /** @param {Scene} scene of a picture that is not the camera's */
  record({ perturbation, picture, fooled }) {
    const id = perturbation?.id ?? '';
    const score = this.#scores.get(id) ?? new Score();
    this.#scores.set(id, score);
    score.record(picture.key, fooled);
  }

  /** @param {string} id */
  forget(id) {
    this.#scores.delete(id);
  }
}

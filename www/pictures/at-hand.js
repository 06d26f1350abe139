/**
 * The picture at hand: what was chosen in one exhibit is there in the next. What
 * is kept is where it comes from, since each network sees it at a size of its own.
 */

/** @import { Candidate } from './arrivals.js' */

export class AtHand extends EventTarget {
  /** @type {Candidate | null} */
  #candidate = null;

  get candidate() {
    return this.#candidate;
  }

  /** @param {Candidate} candidate */
  take(candidate) {
    if (candidate.key === this.#candidate?.key) return;
    this.#candidate = candidate;
    this.dispatchEvent(new Event('change'));
  }
}

/** The page has one. */
export const atHand = new AtHand();

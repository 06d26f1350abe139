/**
 * Which class has which colour and pattern. While a section grows, shares change
 * and classes turn up; a class that has been seen keeps its own.
 */

/** As many classes have a pattern of their own; the others share grey. */
export const OWN_PATTERNS = 8;

export class Ranks {
  /** @type {Map<number, number>} */
  #ranks = new Map();

  /** @param {{ label: number }[]} regions the clean one first, then the adversarial one, then the largest */
  see(regions) {
    for (const { label } of regions)
      if (!this.#ranks.has(label)) this.#ranks.set(label, this.#ranks.size);
  }

  /** @param {number} label @returns {number} from 0; {@link OWN_PATTERNS} for all others */
  of(label) {
    return Math.min(OWN_PATTERNS, this.#ranks.get(label) ?? OWN_PATTERNS);
  }
}

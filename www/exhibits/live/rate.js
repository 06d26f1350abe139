/** How many frames a second, from those of the last two seconds. */
const SPAN = 2000;

export class Rate {
  /** @type {number[]} */
  #times = [];

  /** @param {number} now in milliseconds */
  tick(now) {
    this.#times.push(now);
    while (this.#times[0] < now - SPAN) this.#times.shift();
  }

  /** 0 until there are two frames. */
  get perSecond() {
    const { length } = this.#times;
    const span = this.#times[length - 1] - this.#times[0];
    return length > 1 && span > 0 ? ((length - 1) * 1000) / span : 0;
  }
}

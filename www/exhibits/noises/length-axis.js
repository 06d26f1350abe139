/**
 * Lengths on one logarithmic axis, in grey levels: what was measured above the
 * line, what a theorem leads to expect below it. The same numbers are a table for
 * who cannot see it.
 */
import { html, svg } from 'lit';
import { Part } from '../../parts/part.js';
import { digits } from '../../words.js';

/** @typedef {{ kind: string, name: string, length: number }} Length */

const WIDTH = 1000;
const EDGE = 20;

export class LengthAxis extends Part {
  static properties = { lengths: { attribute: false }, expected: { attribute: false } };

  constructor() {
    super();
    /** @type {Length[]} */
    this.lengths = [];
    /** @type {Length[]} */
    this.expected = [];
  }

  render() {
    const all = [...this.lengths, ...this.expected].map(({ length }) => length);
    if (!all.length) return html`<div class="axis-room"></div>`;
    const [from, to] = range(all);
    const at = (/** @type {number} */ length) => (Math.log(length / from) / Math.log(to / from)) * 100;
    return html`<div class="axis" aria-hidden="true">
        <ol class="axis-marks">
          ${this.lengths.map((mark) => this.#mark(mark, at(mark.length)))}
        </ol>
        <svg viewBox="0 0 ${WIDTH} ${EDGE}" preserveAspectRatio="none">
          <line x1="0" y1="10" x2=${WIDTH} y2="10" vector-effect="non-scaling-stroke" />
          ${ticks(from, to).map(
            (tick) =>
              svg`<line x1=${at(tick) * 10} x2=${at(tick) * 10} y1="5" y2="15" vector-effect="non-scaling-stroke" />`,
          )}
        </svg>
        <ol class="axis-ticks">
          ${ticks(from, to).map((tick) => html`<li style="left: ${at(tick)}%">${tick.toLocaleString('en')}</li>`)}
        </ol>
        <ol class="axis-marks expected">
          ${this.expected.map((mark) => this.#mark(mark, at(mark.length)))}
        </ol>
        <p class="axis-title">length of the noise, ‖r‖₂ in grey levels</p>
      </div>
      <table class="visually-hidden">
        <caption>
          Length of the noises, ‖r‖₂ in grey levels
        </caption>
        ${[...this.lengths, ...this.expected].map(
          ({ name, length }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${digits(length)}</td>
            </tr>`,
        )}
      </table>`;
  }

  /** @param {Length} mark @param {number} percent */
  #mark({ kind, name, length }, percent) {
    // Near an end the words stand on the other side of the mark.
    const side = percent > 75 ? 'left' : percent < 25 ? 'right' : 'middle';
    return html`<li data-kind=${kind} data-side=${side} style="left: ${percent}%">
      <span class="axis-name">${name} <b>${digits(length)}</b></span>
    </li>`;
  }
}

/** A little more than all, and at least a decade. @param {number[]} lengths @returns {[number, number]} */
export function range(lengths) {
  const [low, high] = [Math.min(...lengths), Math.max(...lengths)];
  const more = Math.max(1.5, Math.sqrt(10 / (high / low)));
  return [low / more, high * more];
}

/** Powers of ten, and where these are few, 2 and 5 times as much. @param {number} from @param {number} to */
export function ticks(from, to) {
  const powers = [];
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power += 1) powers.push(power);
  const steps = Math.log10(to / from) > 2.5 ? [1] : [1, 2, 5];
  return powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(1))))
    .filter((tick) => tick >= from && tick <= to);
}

customElements.define('length-axis', LengthAxis);


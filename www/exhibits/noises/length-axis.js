/**
 * Lengths on one logarithmic axis, in grey levels: what was measured above the
 * line, what a theorem leads to expect below it. The same numbers are a table for
 * who cannot see it.
 */
import { html, svg } from 'lit';
import { Part } from '../../parts/part.js';
import { amount, count } from '../../words/common.js';
import { AXIS, AXIS_TABLE } from '../../words/noises.js';

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
    const at = (/** @type {number} */ length) =>
      (Math.log(length / from) / Math.log(to / from)) * 100;
    return html`<div class="axis" aria-hidden="true">
        <ol class="axis-marks" .style="--rows: ${this.lengths.length}">
          ${this.lengths.map((mark, row) => this.#mark(mark, at(mark.length), row))}
        </ol>
        <svg viewBox="0 0 ${WIDTH} ${EDGE}" preserveAspectRatio="none">
          <line x1="0" y1="10" x2=${WIDTH} y2="10" vector-effect="non-scaling-stroke" />
          ${ticks(from, to).map(
            (tick) =>
              svg`<line x1=${at(tick) * 10} x2=${at(tick) * 10} y1="5" y2="15" vector-effect="non-scaling-stroke" />`,
          )}
        </svg>
        <ol class="axis-ticks">
          ${ticks(from, to).map((tick) => html`<li .style="left: ${at(tick)}%">${count(tick)}</li>`)}
        </ol>
        <ol class="axis-marks expected" .style="--rows: ${this.expected.length}">
          ${this.expected.map((mark, row) => this.#mark(mark, at(mark.length), row))}
        </ol>
        <p class="axis-title">${AXIS}</p>
      </div>
      <div class="visually-hidden">
        <table>
          <caption>
            ${AXIS_TABLE}
          </caption>
          ${[...this.lengths, ...this.expected].map(
            ({ name, length }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${amount(length)}</td>
              </tr>`,
          )}
        </table>
      </div>`;
  }

  /**
   * Each has a row of its own, so that no two are written over each other.
   * @param {Length} mark
   * @param {number} percent
   * @param {number} row
   */
  #mark({ kind, name, length }, percent, row) {
    const side = percent > 50 ? 'left' : 'right';
    return html`<li
      data-kind=${kind}
      data-side=${side}
      .style="left: ${percent}%; --at: ${percent}; --row: ${row}"
    >
      <span class="axis-name">${name} <b>${amount(length)}</b></span>
    </li>`;
  }
}

/** A little more than all, and at least a decade. @param {number[]} lengths @returns {[number, number]} */
export function range(lengths) {
  const [low, high] = [Math.min(...lengths), Math.max(...lengths)];
  const more = Math.max(1.5, Math.sqrt(10 / (high / low)));
  return [low / more, high * more];
}

/** Powers of ten, and where these are few, 3 times as much. @param {number} from @param {number} to */
export function ticks(from, to) {
  const powers = [];
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power += 1) powers.push(power);
  const steps = Math.log10(to / from) > 2.5 ? [1] : [1, 3];
  return powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(1))))
    .filter((tick) => tick >= from && tick <= to);
}

customElements.define('length-axis', LengthAxis);

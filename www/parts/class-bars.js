/** The five likeliest classes, as bars. Before there is an answer, five empty ones. */
import { html } from 'lit';
import { percent } from '../words/common.js';
import { Part } from './part.js';
import './class-bars.css';

/** @import { Answer } from '../engine/types.js' */

const ROWS = 5;

export class ClassBars extends Part {
  static properties = {
    answer: { attribute: false },
    clean: { type: Number },
    label: {},
    moving: { type: Boolean },
  };

  constructor() {
    super();
    /** @type {Answer | null} */
    this.answer = null;
    /** The clean answer's label: blue wherever it is; another first answer is vermilion. */
    this.clean = -1;
    this.label = '';
    /** In a live picture bars jump, because an animation would lag behind. */
    this.moving = false;
  }

  render() {
    return html`<ol
      class="bars"
      aria-label=${this.label}
      ?data-empty=${!this.answer}
      ?data-moving=${this.moving}
    >
      ${Array.from({ length: ROWS }, (_, row) => this.#row(row))}
    </ol>`;
  }

  /** @param {number} row */
  #row(row) {
    const score = this.answer?.top[row];
    if (!score) {
      return html`<li class="bar" aria-hidden="true" .style="--row: ${row}; --share: 0">
        <span class="bar-name">&nbsp;</span><span class="bar-value"></span>
        <span class="bar-track"><span class="bar-fill"></span></span>
      </li>`;
    }
    const tone = score.label === this.clean ? 'clean' : row === 0 ? 'fooled' : 'other';
    return html`<li
      class="bar"
      data-tone=${tone}
      data-label=${score.label}
      data-probability=${score.probability}
      .style="--share: ${score.probability}"
    >
      <span class="bar-name" title=${score.name}>${score.name}</span>
      <span class="bar-value">${percent(score.probability)}</span>
      <span class="bar-track" aria-hidden="true"><span class="bar-fill"></span></span>
    </li>`;
  }
}

customElements.define('class-bars', ClassBars);

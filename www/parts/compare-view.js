/**
 * Two pictures in one square. It shows the second; under the pointer, or with
 * the arrow keys, a divider uncovers the first.
 */
import { html } from 'lit';
import 'img-comparison-slider';
import * as words from '../words/parts.js';
import { Part } from './part.js';
import './pixel-view.js';
import './compare-view.css';

const STEP = 5;

export class CompareView extends Part {
  static properties = {
    first: { attribute: false },
    second: { attribute: false },
    label: {},
    tags: { attribute: false },
    share: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../engine/types.js').Picture | null} */
    this.first = null;
    /** @type {import('../engine/types.js').Picture | null} */
    this.second = null;
    this.label = '';
    /** What the first has, and the second. */
    this.tags = words.TAGS;
    /** How much of the first is uncovered, in percent. */
    this.share = 0;
  }

  render() {
    return html`<img-comparison-slider
        hover="true"
        keyboard="disabled"
        value="0"
        role="slider"
        aria-label=${words.COMPARE}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round(this.share)}
        aria-valuetext=${words.uncovered(Math.round(this.share), this.tags[0])}
        @slide=${this.#slid}
        @mouseleave=${() => this.#uncover(0)}
        @blur=${() => this.#uncover(0)}
        @keydown=${this.#key}
      >
        <pixel-view
          slot="first"
          .picture=${this.first}
          label=${words.pictureWith(this.tags[0])}
        ></pixel-view>
        <pixel-view slot="second" .picture=${this.second} .label=${this.label}></pixel-view>
      </img-comparison-slider>
      <span class="compare-tag" aria-hidden="true">${this.tags[0]}</span>
      <span class="compare-tag" aria-hidden="true">${this.tags[1]}</span>`;
  }

  updated() {
    this.toggleAttribute('data-comparing', this.share > 0);
  }

  #slid() {
    this.share = Number(this.#slider().value);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const to = {
      ArrowLeft: this.share - STEP,
      ArrowDown: this.share - STEP,
      ArrowRight: this.share + STEP,
      ArrowUp: this.share + STEP,
      Home: 0,
      End: 100,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#uncover(Math.min(100, Math.max(0, to)));
  }

  /** @param {number} share */
  #uncover(share) {
    this.#slider().value = share;
    this.share = share;
  }

  #slider() {
    return /** @type {HTMLElement & { value: number }} */ (
      this.querySelector('img-comparison-slider')
    );
  }
}

customElements.define('compare-view', CompareView);

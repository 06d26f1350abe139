/** One line: what is going on, and how much of how much. */
import { html } from 'lit';
import { Part } from './part.js';
import './progress-line.css';

export class ProgressLine extends Part {
  static properties = { text: {}, value: { type: Number }, max: { type: Number } };

  constructor() {
    super();
    this.text = '';
    this.value = 0;
    /** 0 while the end is not known. */
    this.max = 0;
  }

  render() {
    const share = this.max > 0 ? Math.min(1, this.value / this.max) : 0;
    return html`<p class="progress-text">${this.text}</p>
      <div
        class="progress-track"
        role="progressbar"
        aria-label=${this.text}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round(share * 100)}
      >
        <div class="progress-fill" .style="--share: ${share}"></div>
      </div>`;
  }
}

customElements.define('progress-line', ProgressLine);

/** Noise around mid-grey, with the factor by which it was amplified written on it. */
import { html } from 'lit';
import { LANGUAGE } from '../words/common.js';
import { amplified, amplifiedLabel } from '../words/parts.js';
import { Part } from './part.js';
import './pixel-view.js';
import './noise-view.css';

export class NoiseView extends Part {
  static properties = {
    drawing: { attribute: false },
    empty: {},
    label: {},
  };

  constructor() {
    super();
    /** @type {import('../engine/types.js').Drawing | null} */
    this.drawing = null;
    this.empty = '';
    this.label = '';
  }

  render() {
    if (!this.drawing) return html`<div class="noise-empty">${this.empty}</div>`;
    const factor = this.drawing.factor.toLocaleString(LANGUAGE, { maximumFractionDigits: 9 });
    return html`<pixel-view
        .picture=${this.drawing}
        label=${amplifiedLabel(this.label, factor)}
      ></pixel-view>
      <span class="noise-factor" data-testid="noise-factor">${amplified(factor)}</span>`;
  }
}

customElements.define('noise-view', NoiseView);

/** A square of pixels, drawn as it comes from the engine. */
import { html } from 'lit';
import { Part } from './part.js';

export class PixelView extends Part {
  static properties = { picture: { attribute: false }, label: {} };

  constructor() {
    super();
    /** @type {{ rgba: Uint8ClampedArray<ArrayBuffer>, side: number } | null} */
    this.picture = null;
    this.label = '';
  }

  render() {
    const side = this.picture?.side ?? 1;
    return html`<canvas role="img" aria-label=${this.label} width=${side} height=${side}></canvas>`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has('picture') || !this.picture) return;
    const { rgba, side } = this.picture;
    const context = this.querySelector('canvas')?.getContext('2d');
    context?.putImageData(new ImageData(rgba, side, side), 0, 0);
  }
}

customElements.define('pixel-view', PixelView);

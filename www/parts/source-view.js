/** A picture on its way: a file as the browser reads it, or pixels. Of a file that is none, nothing is shown. */
import { html } from 'lit';
import { Part } from './part.js';

/** @typedef {string | Blob | ImageData} Showable an address on this site, a file, or pixels */

export class SourceView extends Part {
  static properties = { source: { attribute: false }, label: {} };

  constructor() {
    super();
    /** @type {Blob | ImageData | null} */
    this.source = null;
    this.label = '';
  }

  // Not an image, whose address the page's policy would have to allow.
  render() {
    return html`<canvas role="img" aria-label=${this.label}></canvas>`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has('source') && this.source) this.#draw(this.source);
  }

  /** @param {Blob | ImageData} source */
  async #draw(source) {
    const picture = await createImageBitmap(source).catch(() => null);
    const canvas = this.querySelector('canvas');
    if (!picture || !canvas || source !== this.source) return;
    const { width, height } = picture;
    Object.assign(canvas, { width, height });
    canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(picture);
  }
}

/** @param {Showable} shown @param {string} label */
export const showing = (shown, label) =>
  typeof shown === 'string'
    ? html`<img
        src=${shown}
        alt=${label}
        width="60"
        height="60"
        decoding="async"
        fetchpriority="low"
      />`
    : html`<source-view .source=${shown} .label=${label}></source-view>`;

customElements.define('source-view', SourceView);

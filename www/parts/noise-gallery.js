/**
 * Several noises of one network side by side, each drawn, and how much they have
 * in common: the inner product of each with each. Many that fool alike and share
 * no direction say that no noise is the only one.
 */
import { html, nothing } from 'lit';
import { Task } from '../task.js';
import { diversitySentence, GALLERY, noiseLabel, productText } from '../words/noise-gallery.js';
import './noise-gallery.css';
import './noise-view.js';
import { Part } from './part.js';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { DiversityFound, Drawing } from '../engine/types.js'
 *
 * @typedef {object} Hung
 * @property {string} id
 * @property {string} title
 * @property {string} [note] how often it fools, or how it was made
 * @property {Float32Array<ArrayBuffer>} data
 */

export class NoiseGallery extends Part {
  static properties = {
    engine: { attribute: false },
    noises: { attribute: false },
    drawings: { state: true },
    found: { state: true },
    trouble: { state: true },
  };

  #comparing = new Task();

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** Of one network, that of the engine. @type {Hung[]} */
    this.noises = [];
    /** By the noise's id. @type {Map<string, Drawing>} */
    this.drawings = new Map();
    /** @type {DiversityFound | null} */
    this.found = null;
    this.trouble = '';
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#comparing.stop();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('noises') || changed.has('engine')) this.#compare();
  }

  async #compare() {
    const { engine, noises } = this;
    this.found = null;
    this.trouble = '';
    if (!engine || !noises.length) return;
    try {
      await this.#comparing.run(async (signal) => {
        for (const { id, data } of noises) {
          if (this.drawings.has(id)) continue;
          const drawing = await engine.draw(data);
          signal.throwIfAborted();
          this.drawings = new Map(this.drawings).set(id, drawing);
        }
        const found = await engine.diversity(
          noises.map(({ data }) => data),
          { signal },
        );
        signal.throwIfAborted();
        this.found = found;
      });
    } catch (error) {
      this.trouble = /** @type {Error} */ (error).message;
    }
  }

  render() {
    const { noises, drawings, found, trouble } = this;
    return html`<ol class="gallery">
        ${noises.map(
          ({ id, title, note }, index) =>
            html`<li>
              <div class="gallery-square">
                <noise-view
                  .drawing=${drawings.get(id) ?? null}
                  label=${noiseLabel(title, index + 1)}
                ></noise-view>
              </div>
              <p><b>${index + 1}</b> ${title}${note ? html` <small>${note}</small>` : nothing}</p>
            </li>`,
        )}
      </ol>
      ${trouble ? html`<p class="gallery-trouble" role="alert">${trouble}</p>` : nothing}
      ${
        found
          ? html`<p class="gallery-sentence" id="diversity" aria-live="polite">
                ${diversitySentence(noises.length, found)}
              </p>
              ${noises.length > 1 ? this.#matrix(found) : nothing}`
          : noises.length && !trouble
            ? html`<p class="gallery-sentence">${GALLERY.loading}</p>`
            : nothing
      }`;
  }

  /** @param {DiversityFound} found */
  #matrix({ products }) {
    const heads = products.map((_, index) => index + 1);
    return html`<p class="gallery-caption">${GALLERY.caption}</p>
      <div class="gallery-scroll" role="region" tabindex="0" aria-label=${GALLERY.caption}>
        <table class="gallery-matrix">
          <caption class="visually-hidden">
            ${GALLERY.caption}
          </caption>
          <thead>
            <tr>
              <td></td>
              ${heads.map((head) => html`<th scope="col">${head}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${products.map(
              (row, from) =>
                html`<tr>
                  <th scope="row">${from + 1}</th>
                  ${row.map(
                    (product, to) =>
                      html`<td
                        data-product=${product ?? ''}
                        ?data-same=${from === to}
                        .style="--share: ${Math.abs(product ?? 0)}"
                      >
                        ${from === to ? '1' : productText(product)}
                      </td>`,
                  )}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }
}

customElements.define('noise-gallery', NoiseGallery);

/** Picture + noise = sum, small, at the point of the plane that is marked. */
import { html } from 'lit';
import '../../parts/noise-view.js';
import { Part } from '../../parts/part.js';
import '../../parts/pixel-view.js';
import { percent } from '../../words/common.js';
import { labelOf, looking, noiseCaption, sumCaption } from '../../words/geometry.js';

/**
 * @import { Answer, Drawing, PlanePoint } from '../../engine/types.js'
 * @import { AtHandPicture } from '../../parts/exhibit.js'
 * @import { Place } from './plane-map.js'
 * @typedef {{ point: PlanePoint, drawing: Drawing, place: Place }} Looked
 */

export class PlaneSum extends Part {
  static properties = {
    picture: { attribute: false },
    clean: { attribute: false },
    looked: { attribute: false },
    place: { attribute: false },
  };

  constructor() {
    super();
    /** @type {AtHandPicture | null} */
    this.picture = null;
    /** @type {Answer | null} */
    this.clean = null;
    /** @type {Looked | null} */
    this.looked = null;
    /** @type {Place | null} */
    this.place = null;
  }

  render() {
    const { picture, looked, clean } = this;
    const first = clean?.top[0];
    const sum = looked && {
      rgba: new Uint8ClampedArray(looked.point.rgba),
      // Its own, also while another network's picture is on its way.
      side: Math.sqrt(looked.point.rgba.length / 4),
    };
    const seen = looked?.point.answer.top[0];
    return html`<div class="plane-sum" role="group" aria-label=${labelOf.motif}>
      ${this.#term(
        picture
          ? html`<pixel-view .picture=${picture.pixels} .label=${labelOf.picture}></pixel-view>`
          : '',
        first ? html`<b data-tone="clean">${first.name}</b> ${percent(first.probability)}` : '',
      )}
      <span class="plane-sign" aria-hidden="true">+</span>
      ${this.#term(
        html`<noise-view
          .drawing=${looked?.drawing ?? null}
          .empty=${picture && !looked ? looking : ''}
          .label=${labelOf.noise}
        ></noise-view>`,
        looked ? noiseCaption(looked.place) : '',
      )}
      <span class="plane-sign" aria-hidden="true">=</span>
      ${this.#term(
        sum ? html`<pixel-view .picture=${sum} .label=${labelOf.sum}></pixel-view>` : '',
        looked
          ? html`<b data-tone=${seen?.label === first?.label ? 'clean' : 'fooled'}
              >${sumCaption(looked.point)}</b
            >`
          : '',
      )}
    </div>`;
  }

  /** @param {unknown} shown @param {unknown} caption */
  #term(shown, caption) {
    return html`<div class="plane-term">
      <div class="plane-picture">${shown}</div>
      <p>${caption}</p>
    </div>`;
  }
}

customElements.define('plane-sum', PlaneSum);

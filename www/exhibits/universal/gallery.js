/** Several noises of the network in use: shipped ones of different seeds, and the visitor's. */
import { html } from 'lit';
import '../../parts/noise-gallery.js';
import { LOADING, NO_FIGURES, GALLERY_WORDS, TRY_AGAIN } from '../../words/universal.js';
import { UniversalPart } from './part.js';

/**
 * @import { PerturbationInfo } from '../../engine/types.js'
 * @import { Hung } from '../../parts/noise-gallery.js'
 * @import { Made } from './shelf.js'
 */

export class UniversalGallery extends UniversalPart {
  static properties = {
    ...UniversalPart.properties,
    shipped: { state: true },
    missing: { state: true },
  };

  /** What is shown, the same as long as nothing changes. @type {Hung[]} */
  #hung = [];

  constructor() {
    super();
    /** Those that are shipped; null until they are there. @type {Hung[] | null} */
    this.shipped = null;
    this.missing = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('engine') || changed.has('network')) this.#read();
    if (changed.has('shipped') || changed.has('made'))
      this.#hung = [...(this.shipped ?? []), ...this.made.map(hung)];
  }

  async #read() {
    const { engine, network } = this;
    if (!engine) return;
    this.shipped = null;
    this.missing = false;
    try {
      const infos = oneOfEachSeed(await engine.perturbations(network));
      const noises = await Promise.all(infos.map(({ id }) => engine.loadPerturbation(id)));
      if (network !== this.network) return;
      this.shipped = noises.map(({ id, seed, foolingRate, data }) => ({
        id,
        title: GALLERY_WORDS.shipped,
        note: GALLERY_WORDS.shippedNote(Number(seed), foolingRate.others),
        data,
      }));
    } catch {
      if (network === this.network) this.missing = true;
    }
  }

  content() {
    if (this.missing) {
      return html`<p role="alert">
        ${NO_FIGURES} <button type="button" @click=${() => this.#read()}>${TRY_AGAIN}</button>
      </p>`;
    }
    if (!this.shipped) return html`<p class="fine">${LOADING}</p>`;
    if (!this.#hung.length) return html`<p>${GALLERY_WORDS.none}</p>`;
    return html`<noise-gallery
        .engine=${this.ready ? this.engine : null}
        .noises=${this.#hung}
      ></noise-gallery>
      <p class="fine">${GALLERY_WORDS.more}</p>`;
  }
}

/**
 * Of one norm. Where two have the same seed, that which was made like the others.
 * @param {PerturbationInfo[]} infos
 */
function oneOfEachSeed(infos) {
  /** @type {Map<unknown, PerturbationInfo>} */
  const bySeed = new Map();
  for (const info of infos.filter(({ norm }) => norm === 'linf')) {
    if (!bySeed.has(info.seed) || info.id.includes('-seed')) bySeed.set(info.seed, info);
  }
  return [...bySeed.values()].sort((a, b) => Number(a.seed) - Number(b.seed));
}

/** @param {Made} made @returns {Hung} */
const hung = ({ id, method, seed, norm, radius, data }) => ({
  id,
  title: GALLERY_WORDS.made(method),
  note: GALLERY_WORDS.madeNote(seed, norm, radius),
  data,
});

customElements.define('universal-gallery', UniversalGallery);

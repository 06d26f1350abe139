/** All noises of the network in use side by side, shipped and the visitor's own, and what they have in common. */
import { html } from 'lit';
import '../../parts/noise-gallery.js';
import { Part } from '../../parts/part.js';
import { KeptNoises } from '../../pictures/kept-noises.js';
import { NOISES_BESIDE as WORDS } from '../../words/live.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Hung } from '../../parts/noise-gallery.js'
 */

/** More drawings than this say nothing more. */
const MOST = 8;

export class NoisesBeside extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    noises: { state: true },
    missing: { state: true },
  };

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    this.network = '';
    /** Null until they are there. @type {Hung[] | null} */
    this.noises = null;
    this.missing = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('engine') || changed.has('network')) this.#read();
  }

  async #read() {
    const { engine, network } = this;
    if (!engine) return;
    this.noises = null;
    this.missing = false;
    try {
      const shipped = await Promise.all(
        (await engine.perturbations()).map(({ id }) => engine.loadPerturbation(id)),
      );
      // Where nothing may be kept, none are.
      const own = await new KeptNoises().all(network).catch(() => []);
      if (network !== this.network) return;
      this.noises = [
        ...shipped.map(({ id, title, foolingRate, data }) => ({
          id,
          title,
          note: WORDS.fools(foolingRate.others),
          data,
        })),
        ...own.map(({ id, title, data }) => ({ id, title, note: WORDS.own, data })),
      ].slice(-MOST);
    } catch {
      if (network === this.network) this.missing = true;
    }
  }

  render() {
    if (this.missing) {
      return html`<p role="alert">
        ${WORDS.missing} <button type="button" @click=${() => this.#read()}>${WORDS.again}</button>
      </p>`;
    }
    return html`<h2>${WORDS.title}</h2>
      <p class="fine">${WORDS.how}</p>
      ${
        this.noises
          ? html`<noise-gallery .engine=${this.engine} .noises=${this.noises}></noise-gallery>`
          : html`<p class="fine">${WORDS.loading}</p>`
      }`;
  }
}

customElements.define('noises-beside', NoisesBeside);

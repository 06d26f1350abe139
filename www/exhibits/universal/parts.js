/**
 * What has been found out about such noises, one part open at a time, each made
 * when it is opened. Which one it is stands in the address.
 */
import { html, nothing } from 'lit';
import { Part } from '../../parts/part.js';
import { LOADING, NO_FIGURES, PARTS, TRY_AGAIN } from '../../words/universal.js';
import './gallery.js';
import './feedback.js';
import './parts.css';
import { madeFor } from './shelf.js';
import './transfer.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Run } from './run.js'
 * @typedef {keyof typeof PARTS} Name
 */

const NAMES = /** @type {Name[]} */ (Object.keys(PARTS));

export class UniversalParts extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    ready: { type: Boolean },
    open: {},
    runs: { attribute: false },
    made: { type: Number },
    graph: { state: true },
  };

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use. */
    this.network = '';
    this.ready = false;
    /** @type {Name | ''} */
    this.open = '';
    /** Those that are counted. @type {Run[]} */
    this.runs = [];
    /** Counts the noises that were made here. */
    this.made = 0;
    /** Whether the graph's program is there. @type {'' | 'coming' | 'there' | 'failed'} */
    this.graph = '';
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('open') && this.open === 'graph' && !this.graph) this.#loadGraph();
  }

  async #loadGraph() {
    this.graph = 'coming';
    try {
      await import(/* webpackChunkName: "universal-graph" */ './graph.js');
      this.graph = 'there';
    } catch {
      this.graph = 'failed';
    }
  }

  render() {
    return html`<div class="universal-parts">
      ${NAMES.map((name) => {
        const { title, teaser } = PARTS[name];
        const isOpen = this.open === name;
        return html`<section data-part=${name}>
          <h2>
            <button
              type="button"
              aria-expanded=${isOpen}
              aria-controls="part-${name}"
              @click=${() => this.tell('settings', { part: isOpen ? '' : name })}
            >
              <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d="m4 6 4 4 4-4" />
              </svg>
              <span>${title} <small>${teaser}</small></span>
            </button>
          </h2>
          <div id="part-${name}" class="part-content" ?hidden=${!isOpen}>
            ${isOpen ? this.#content(name) : nothing}
          </div>
        </section>`;
      })}
    </div>`;
  }

  /** @param {Name} name */
  #content(name) {
    const { engine, network, ready, runs } = this;
    if (name === 'gallery') {
      return html`<universal-gallery
        .engine=${engine}
        .network=${network}
        .ready=${ready}
        .made=${madeFor(network)}
      ></universal-gallery>`;
    }
    if (name === 'transfer') {
      return html`<universal-transfer .engine=${engine}></universal-transfer>`;
    }
    if (name === 'feedback') {
      return html`<universal-feedback .engine=${engine} .network=${network}></universal-feedback>`;
    }
    if (this.graph === 'failed') {
      return html`<p role="alert">
        ${NO_FIGURES}
        <button type="button" @click=${() => this.#loadGraph()}>${TRY_AGAIN}</button>
      </p>`;
    }
    if (this.graph !== 'there') return html`<p class="fine">${LOADING}</p>`;
    return html`<universal-graph
      .engine=${engine}
      .network=${network}
      .ready=${ready}
      .runs=${runs}
    ></universal-graph>`;
  }
}

customElements.define('universal-parts', UniversalParts);

/**
 * What more can be asked of the sum: parts that are opened by a button, and
 * downloaded then. Events: `settings`.
 */
import { html, nothing } from 'lit';
import { Part } from '../../parts/part.js';
import { notDownloaded } from '../../words/common.js';
import { BESIDE, NOISES_BESIDE, SURVIVAL } from '../../words/live.js';
import './further.css';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Settings } from '../../state.js'
 * @import { Scene } from './scene.js'
 */

const PARTS = {
  survive: {
    title: SURVIVAL.open,
    load: () => import(/* webpackChunkName: "survival" */ './survival.js'),
  },
  beside: {
    title: BESIDE.open,
    load: () => import(/* webpackChunkName: "beside" */ './beside.js'),
  },
  noises: {
    title: NOISES_BESIDE.open,
    load: () => import(/* webpackChunkName: "gallery" */ './gallery.js'),
  },
};

/** @typedef {keyof typeof PARTS} PartId */
const IDS = /** @type {PartId[]} */ (Object.keys(PARTS));

export class LiveFurther extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    scene: { attribute: false },
    settings: { attribute: false },
    filming: { type: Boolean },
  };

  /** @type {Set<PartId>} */
  #loaded = new Set();

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    this.network = '';
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {Settings} */
    this.settings = /** @type {Settings} */ ({});
    this.filming = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('settings')) for (const id of this.#open) this.#load(id);
  }

  render() {
    const { scene, engine, network, filming } = this;
    const { quality, target, beside, noise } = this.settings;
    const open = this.#open;
    if (!scene?.clean && !open.length) return nothing;
    return html`<div class="further-buttons">
        ${IDS.map(
          (id) =>
            html`<button
              type="button"
              id="open-${id}"
              aria-expanded=${open.includes(id)}
              aria-controls="further-${id}"
              @click=${() => this.#toggle(id)}
            >
              ${PARTS[id].title}
              <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d="m4 6 4 4 4-4" />
              </svg>
            </button>`,
        )}
      </div>
      <div id="further-survive" ?hidden=${!open.includes('survive')}>
        ${
          open.includes('survive')
            ? html`<survival-strip
                .engine=${engine}
                .scene=${scene}
                .quality=${quality}
                .target=${noise === 'deepfool' ? target : -1}
                .filming=${filming}
              ></survival-strip>`
            : nothing
        }
      </div>
      <div id="further-beside" ?hidden=${!open.includes('beside')}>
        ${
          open.includes('beside')
            ? html`<networks-beside
                .engine=${engine}
                .network=${network}
                .scene=${scene}
                .chosen=${beside}
                .filming=${filming}
                @settings=${this.#stayOpen}
              ></networks-beside>`
            : nothing
        }
      </div>
      <div id="further-noises" ?hidden=${!open.includes('noises')}>
        ${
          open.includes('noises')
            ? html`<noises-beside .engine=${engine} .network=${network}></noises-beside>`
            : nothing
        }
      </div>`;
  }

  /** A link may name networks alone. */
  get #open() {
    const { more = [], beside = [] } = this.settings;
    return IDS.filter((id) => more.includes(id) || (id === 'beside' && beside.length > 0));
  }

  /** A part that a link to some networks has opened stays when they are taken away. @param {CustomEvent} event */
  #stayOpen(event) {
    const { more } = this.settings;
    if (more.includes('beside')) return;
    event.stopPropagation();
    this.tell('settings', { ...event.detail, more: [...more, 'beside'] });
  }

  /** @param {PartId} id */
  #toggle(id) {
    const { more } = this.settings;
    if (!this.#open.includes(id)) return this.tell('settings', { more: [...more, id] });
    const rest = { more: more.filter((each) => each !== id) };
    return this.tell('settings', id === 'beside' ? { ...rest, beside: [] } : rest);
  }

  /** @param {PartId} id */
  async #load(id) {
    if (this.#loaded.has(id)) return;
    this.#loaded.add(id);
    const { title, load } = PARTS[id];
    const about = `further-${id}`;
    try {
      await load();
      this.tell('notice', { about, text: '' });
    } catch {
      this.#loaded.delete(id);
      const text = notDownloaded(title);
      this.tell('notice', { about, text, again: () => this.#load(id) });
    }
  }
}

customElements.define('live-further', LiveFurther);

/**
 * What both methods are given: pictures, norm and radius, and for those who want
 * it a target and a seed. Events: `wish` (settings that change).
 */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import '../../parts/class-field.js';
import { kept } from '../../parts/kept.js';
import { Part } from '../../parts/part.js';
import '../../parts/pixel-view.js';
import '../../parts/progress-line.js';
import { Album } from '../../pictures/album.js';
import { plan } from '../../pictures/lesson.js';
import { SETUP, lessonText, radiusText } from '../../words/universal.js';
import { sizes } from './sizes.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Picture } from '../../engine/types.js'
 * @import { Lesson } from '../../pictures/lesson.js'
 * @import { Sample } from '../../pictures/samples.js'
 * @import { Settings } from '../../state.js'
 * @import { Sizes } from './sizes.js'
 */

export class UniversalSetup extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    samples: { attribute: false },
    picture: { attribute: false },
    settings: { attribute: false },
    ready: { type: Boolean },
    fromSamples: { state: true },
    sizes: { state: true },
    sliding: { state: true },
  };

  #gathering = new Album({
    changed: () => this.#changed(),
    tell: (notice) => this.tell('notice', notice),
  });
  /** @type {Lesson<Picture> | null} */
  #lesson = null;
  /** Whether the pictures of an earlier visit to it are there again. */
  #met = false;

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use. */
    this.network = '';
    /** @type {Sample[]} */
    this.samples = [];
    /** The one at hand. @type {Picture | null} */
    this.picture = null;
    /** @type {Settings} */
    this.settings = /** @type {Settings} */ ({});
    this.ready = false;
    this.fromSamples = true;
    /** Which radii there are to choose from. @type {Sizes | null} */
    this.sizes = null;
    /** A radius that a visitor is choosing. @type {number | null} */
    this.sliding = null;
  }

  /** The pictures to learn from and those to try it on. */
  get lesson() {
    return (this.#lesson ??= plan(this.#gathering, this.fromSamples, SETUP.sample(this.#ofPhotos)));
  }

  /** Whether all that was asked for is there. */
  get complete() {
    const { preparing, reading } = this.#gathering;
    return this.sizes !== null && !preparing && !reading && this.lesson.own.length > 0;
  }

  /** ξ in grey levels. */
  get radius() {
    const { norm, radius } = this.settings;
    return radius || (this.sizes?.[norm].usual ?? 0);
  }

  get #ofPhotos() {
    return this.samples.every(({ isPhoto }) => isPhoto);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('fromSamples')) this.#lesson = null;
    const around = ['engine', 'network', 'samples', 'ready'].some((name) => changed.has(name));
    if (around && this.engine && this.ready && this.network) this.#meet(this.engine);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    const { fromSamples } = this;
    const { photos } = this.#gathering;
    kept.keep([this.localName, this.network], { fromSamples, photos });
  }

  /** @param {Engine} engine */
  async #meet(engine) {
    const { network, samples } = this;
    const isSame = this.#gathering.isFor(network);
    if (!isSame) this.tell('notice', { about: 'workshop', text: SETUP.another });
    if (!this.#met) {
      const had = kept.recall([this.localName, network]);
      this.#gathering.photos = had?.photos ?? [];
      this.fromSamples = had?.fromSamples ?? true;
      this.#met = true;
    }
    this.#lesson = null;
    if (samples.length) this.#gathering.readSamples(engine, samples);
    const found = await sizes(engine);
    if (network === this.network) this.sizes = found;
    this.#changed();
  }

  #changed() {
    this.#lesson = null;
    this.requestUpdate();
    this.tell('gathered');
  }

  render() {
    const { preparing, reading, photos } = this.#gathering;
    const { lesson } = this;
    return html`<fieldset>
        <legend>${SETUP.legend}</legend>
        <label class="check">
          <input
            id="from-samples"
            type="checkbox"
            .checked=${this.fromSamples}
            @change=${(/** @type {Event} */ event) => {
              this.fromSamples = /** @type {HTMLInputElement} */ (event.target).checked;
              this.updateComplete.then(() => this.#changed());
            }}
          />
          ${SETUP.samples(this.samples.length, this.#ofPhotos)}
        </label>
        <div class="gather">
          <label class="button file-button">
            ${SETUP.add}
            <input
              id="universal-pictures"
              class="visually-hidden"
              type="file"
              accept="image/*"
              multiple
              ?disabled=${!this.ready}
              @change=${this.#chosen}
            />
          </label>
          <button
            type="button"
            id="add-this"
            ?disabled=${!this.picture || photos.includes(this.picture)}
            @click=${() => this.picture && this.#gathering.addPicture(this.picture)}
          >
            ${SETUP.addThis}
          </button>
          ${
            photos.length
              ? html`<button type="button" @click=${() => this.#gathering.clear()}>
                  ${SETUP.remove}
                </button>`
              : nothing
          }
        </div>
        ${
          preparing || reading
            ? html`<progress-line
                .text=${reading ? SETUP.reading(reading) : SETUP.readingSamples}
              ></progress-line>`
            : nothing
        }
        ${shelf(lesson.own, SETUP.toLearn)} ${shelf(lesson.others, SETUP.toTry)}
        <p class="fine" id="lesson">${lessonText(lesson)}</p>
      </fieldset>
      <fieldset>
        <legend>${SETUP.size}</legend>
        ${this.#size()}
      </fieldset>
      <fieldset>
        <legend>${SETUP.more}</legend>
        ${this.#target()} ${this.#seed()}
      </fieldset>`;
  }

  #size() {
    const { norm } = this.settings;
    const range = this.sizes?.[norm];
    const radius = this.sliding ?? this.radius;
    const read = (/** @type {Event} */ event) =>
      Number(/** @type {HTMLInputElement} */ (event.target).value);
    return html`${
        /** @type {const} */ (['linf', 'l2']).map(
          (each) =>
            html`<label class="check">
              <input
                type="radio"
                name="norm"
                value=${each}
                .checked=${norm === each}
                @change=${() => this.tell('wish', { norm: each, radius: 0 })}
              />
              ${SETUP.norm[each]}
            </label>`,
        )
      }
      <label class="strength">
        <abbr title=${SETUP.radiusMeaning}>${SETUP.radius}</abbr>
        <input
          id="radius"
          type="range"
          min=${range?.min ?? 0}
          max=${range?.max ?? 1}
          step=${range?.step ?? 1}
          ?disabled=${!range}
          .value=${live(String(radius))}
          aria-valuetext=${radiusText(norm, radius)}
          @input=${(/** @type {Event} */ event) => (this.sliding = read(event))}
          @change=${(/** @type {Event} */ event) => {
            this.sliding = null;
            const wish = read(event);
            this.tell('wish', { radius: wish === range?.usual ? 0 : wish });
          }}
        />
        <output>${range ? radiusText(norm, radius) : ''}</output>
      </label>`;
  }

  #target() {
    return html`<class-field
      field="target"
      .engine=${this.engine}
      .network=${this.network}
      .label=${this.settings.target}
      caption=${SETUP.target}
      any=${SETUP.any}
      note=${SETUP.targetNote}
      @class=${(/** @type {CustomEvent} */ event) => this.tell('wish', { target: event.detail })}
    ></class-field>`;
  }

  #seed() {
    const { seed } = this.settings;
    return html`<div class="universal-seed">
      <label>
        <span>${SETUP.seed}</span>
        <input
          id="seed"
          type="number"
          min="0"
          max="4294967295"
          step="1"
          .value=${String(seed)}
          aria-describedby="seed-note"
          @change=${(/** @type {Event} */ event) => {
            const value = Number(/** @type {HTMLInputElement} */ (event.target).value);
            if (Number.isInteger(value) && value >= 0) this.tell('wish', { seed: value });
          }}
        />
      </label>
      <button type="button" id="next-seed" @click=${() => this.tell('wish', { seed: seed + 1 })}>
        ${SETUP.nextSeed}
      </button>
      <p class="class-note" id="seed-note">${SETUP.seedNote}</p>
    </div>`;
  }

  /** @param {Event} event */
  #chosen(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    input.value = ''; // The same file can be chosen again.
    if (files.length && this.engine) this.#gathering.addPhotos(this.engine, { files, more: false });
  }
}

/** @param {Picture[]} pictures @param {string} name */
const shelf = (pictures, name) =>
  pictures.length
    ? html`<div class="shelf" role="img" aria-label=${SETUP.shelf(pictures.length, name)}>
        <span class="fine" aria-hidden="true">${name}</span>
        <div aria-hidden="true">
          ${pictures.map((picture) => html`<pixel-view .picture=${picture}></pixel-view>`)}
        </div>
      </div>`
    : nothing;

customElements.define('universal-setup', UniversalSetup);

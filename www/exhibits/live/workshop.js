/**
 * Where a visitor sets up a universal noise of their own: the pictures that it
 * is made from, its norm and radius. It gathers; the exhibit makes. Events:
 * `make` (Order), `forget` (id), `closed`.
 */
import { html, nothing } from 'lit';
import { asSentence } from '../../engine/errors.js';
import { Part } from '../../parts/part.js';
import '../../parts/pixel-view.js';
import '../../parts/progress-line.js';
import '../../shell/dialog.css';
import { Camera } from './camera.js';
import { framesFor, plan } from './lesson.js';
import './workshop.css';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Picture } from '../../engine/types.js'
 * @import { Sample } from '../../parts/picture-source.js'
 * @import { Lesson } from './lesson.js'
 * @import { OwnNoise } from './noises.js'
 *
 * @typedef {Lesson<Picture> & { norm: 'linf' | 'l2', radius: number }} Order
 */

/** Of the webcam, to learn from; some in between are held back. */
const FRAMES = 24;
const FRAME_MS = 250;
const MOST_PHOTOS = 64;

const NORMS = {
  linf: {
    title: 'Largest change of a pixel (ℓ∞)',
    unit: 'of 255 levels',
    min: 1,
    max: 20,
    step: 1,
    usual: 10,
  },
  l2: {
    title: 'Length of the whole noise (ℓ2)',
    unit: 'levels',
    min: 250,
    max: 4000,
    step: 250,
    usual: 2000,
  },
};

export class NoiseWorkshop extends Part {
  static properties = {
    engine: { attribute: false },
    samples: { attribute: false },
    own: { attribute: false },
    read: { attribute: false },
    fromSamples: { state: true },
    photos: { state: true },
    frames: { state: true },
    samplePictures: { state: true },
    grabbing: { state: true },
    reading: { state: true },
    norm: { state: true },
    radius: { state: true },
    said: { state: true },
  };

  #camera = new Camera();

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** @type {Sample[]} */
    this.samples = [];
    /** The noises that were made here before. @type {OwnNoise[]} */
    this.own = [];
    /** Takes a `.npy` file, or fails with a sentence. @type {(file: File) => Promise<void>} */
    this.read = async () => {};
    this.fromSamples = true;
    /** @type {Picture[]} */
    this.photos = [];
    /** @type {Picture[]} */
    this.frames = [];
    /** @type {Picture[]} */
    this.samplePictures = [];
    this.grabbing = false;
    /** Photos that are being read. */
    this.reading = 0;
    /** @type {keyof typeof NORMS} */
    this.norm = 'linf';
    this.radius = NORMS.linf.usual;
    /** One sentence about what went wrong, or is done. */
    this.said = '';
    this.#camera.ended = () => {
      this.grabbing = false;
      this.said = 'The camera was disconnected.';
    };
  }

  /** Whether it is open: then what is dropped on the page is for it. */
  get isOpen() {
    return this.querySelector('dialog')?.open ?? false;
  }

  async show() {
    this.said = '';
    this.querySelector('dialog')?.showModal();
    await this.#readSamples();
  }

  /** @param {Iterable<File>} files */
  async add(files) {
    const engine = /** @type {Engine} */ (this.engine);
    const all = [...files];
    const noise = all.find(({ name }) => name.endsWith('.npy'));
    if (noise) return this.#readNoise(noise);
    this.said = '';
    let trouble = '';
    this.reading = all.length;
    for (const file of all) {
      if (this.photos.length >= MOST_PHOTOS) {
        trouble = `${MOST_PHOTOS} photos are enough: the others were left out.`;
        break;
      }
      try {
        this.photos = [...this.photos, await engine.loadPicture(file)];
      } catch (error) {
        trouble = `${file.name}: ${/** @type {Error} */ (error).message}`;
      }
      this.reading -= 1;
    }
    this.reading = 0;
    this.said = trouble;
    return undefined;
  }

  render() {
    const lesson = this.#lesson();
    const { own, others } = lesson;
    return html`<dialog
      class="workshop"
      aria-labelledby="workshop-title"
      closedby="any"
      @close=${this.#closed}
    >
      <div class="dialog-head">
        <h2 id="workshop-title">Make your own universal noise</h2>
        <form method="dialog"><button>Close</button></form>
      </div>
      <p>
        One noise, learnt from some pictures, that makes the classifier wrong on most of them and on
        others too. Pictures never leave this device.
      </p>
      <fieldset>
        <legend>Pictures to learn from</legend>
        <label class="check">
          <input
            id="from-samples"
            type="checkbox"
            .checked=${this.fromSamples}
            @change=${(/** @type {Event} */ event) =>
              (this.fromSamples = /** @type {HTMLInputElement} */ (event.target).checked)}
          />
          The ${this.samples.length} sample photos
        </label>
        <div class="gather">
          <label class="button file-button">
            Add photos
            <input
              id="workshop-photos"
              class="visually-hidden"
              type="file"
              accept="image/*"
              multiple
              @change=${this.#chosen}
            />
          </label>
          ${
            this.grabbing
              ? html`<button type="button" id="stop-grabbing" @click=${() => this.#camera.stop()}>
                  Stop the webcam
                </button>`
              : html`<button type="button" id="grab" @click=${this.#grab}>
                  Grab ${FRAMES} webcam frames
                </button>`
          }
          ${
            this.photos.length + this.frames.length && !this.grabbing
              ? html`<button type="button" id="clear" @click=${this.#clear}>Remove them</button>`
              : nothing
          }
        </div>
        ${
          this.grabbing || this.reading
            ? html`<progress-line
                .text=${
                  this.grabbing
                    ? `${this.frames.length} of ${framesFor(FRAMES)} frames: show it different things`
                    : `Reading photos, ${this.reading} left`
                }
                .value=${this.grabbing ? this.frames.length : 0}
                .max=${this.grabbing ? framesFor(FRAMES) : 0}
              ></progress-line>`
            : nothing
        }
        ${this.#shelf(lesson)}
        <p class="fine" id="lesson">
          ${
            own.length
              ? `It learns from ${lesson.ownText}${others.length ? `, and is tried on ${lesson.othersText}, which it does not learn from.` : '. Nothing is held back to try it on.'}`
              : 'Choose at least one picture for it to learn from.'
          }
        </p>
      </fieldset>
      <fieldset>
        <legend>How large it may be</legend>
        ${Object.entries(NORMS).map(
          ([norm, { title, usual }]) =>
            html`<label class="check">
              <input
                type="radio"
                name="norm"
                value=${norm}
                .checked=${this.norm === norm}
                @change=${() => {
                  this.norm = /** @type {keyof typeof NORMS} */ (norm);
                  this.radius = usual;
                }}
              />
              ${title}
            </label>`,
        )}
        ${this.#slider()}
      </fieldset>
      <p class="workshop-said" role="status" id="workshop-said">${asText(this.said)}</p>
      <div class="gather">
        <button
          type="button"
          class="primary"
          id="make"
          ?disabled=${!own.length || this.grabbing || this.reading > 0 || !this.engine?.device}
          @click=${() => this.#make(lesson)}
        >
          Make the noise
        </button>
        <span class="fine"
          >${this.engine?.device ? 'About a minute on a CPU; you can stop at any time.' : 'The classifier is still loading.'}</span
        >
      </div>
      <hr />
      <h3>Noises of your own</h3>
      ${this.own.length ? this.#list() : html`<p class="fine">None yet. They stay in this browser.</p>`}
      <label class="button file-button">
        Read one from a .npy file
        <input
          id="workshop-npy"
          class="visually-hidden"
          type="file"
          accept=".npy"
          @change=${this.#chosen}
        />
      </label>
    </dialog>`;
  }

  /** All pictures, those held back apart from the others. @param {Lesson<Picture>} lesson */
  #shelf({ own, others }) {
    const row = (/** @type {Picture[]} */ pictures, /** @type {string} */ name) =>
      pictures.length
        ? html`<div class="shelf" role="img" aria-label="${pictures.length} pictures ${name}">
            <span class="fine" aria-hidden="true">${name}</span>
            <div aria-hidden="true">
              ${pictures.map((picture) => html`<pixel-view .picture=${picture}></pixel-view>`)}
            </div>
          </div>`
        : nothing;
    return html`${row(own, 'to learn from')}${row(others, 'to try it on')}`;
  }

  #slider() {
    const { min, max, step, unit } = NORMS[this.norm];
    return html`<label class="strength">
      <span>Radius <abbr title="xi: how large the noise may be">ξ</abbr></span>
      <input
        id="radius"
        type="range"
        min=${min}
        max=${max}
        step=${step}
        .value=${String(this.radius)}
        aria-valuetext="${this.radius} ${unit}"
        @input=${(/** @type {Event} */ event) =>
          (this.radius = Number(/** @type {HTMLInputElement} */ (event.target).value))}
      />
      <output>${this.radius}</output>
    </label>`;
  }

  #list() {
    return html`<ul class="own-noises">
      ${this.own.map(
        ({ id, title, made }) =>
          html`<li>
            <span>${title} <span class="fine">${date.format(new Date(made))}</span></span>
            <button type="button" data-forget=${id} @click=${() => this.tell('forget', id)}>
              Forget<span class="visually-hidden"> ${title}</span>
            </button>
          </li>`,
      )}
    </ul>`;
  }

  #lesson() {
    const { samplePictures: samples, photos, frames } = this;
    return plan({ samples, photos, frames }, this.fromSamples);
  }

  // ---- gathering

  async #readSamples() {
    if (this.samplePictures.length || !this.engine) return;
    const { engine } = this;
    try {
      this.samplePictures = await Promise.all(
        this.samples.map(({ file }) =>
          engine.loadPicture(new URL(`samples/${file}`, document.baseURI)),
        ),
      );
    } catch (error) {
      this.said = /** @type {Error} */ (error).message;
    }
  }

  /** @param {Event} event */
  #chosen(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    input.value = ''; // The same file can be chosen again.
    if (files.length) this.add(files);
  }

  /** @param {File} file */
  async #readNoise(file) {
    this.said = '';
    try {
      await this.read(file);
      this.querySelector('dialog')?.close();
    } catch (error) {
      this.said = /** @type {Error} */ (error).message;
    }
  }

  async #grab() {
    const engine = /** @type {Engine} */ (this.engine);
    this.said = '';
    this.grabbing = true;
    this.frames = [];
    try {
      await this.#camera.start();
      let due = performance.now();
      while (this.#camera.running && this.frames.length < framesFor(FRAMES)) {
        const frame = await this.#camera.nextFrame();
        if (!frame) continue;
        if (performance.now() < due || document.hidden) {
          frame.close();
          continue;
        }
        due = performance.now() + FRAME_MS;
        this.frames = [...this.frames, await engine.loadPicture(frame, { mirror: true })];
      }
    } catch (error) {
      this.said = /** @type {Error} */ (error).message;
    } finally {
      this.#camera.stop();
      this.grabbing = false;
    }
  }

  #clear() {
    this.photos = [];
    this.frames = [];
  }

  #closed() {
    this.#camera.stop();
    this.tell('closed');
  }

  /** @param {Lesson<Picture>} lesson */
  #make(lesson) {
    /** @type {Order} */
    const order = { ...lesson, norm: this.norm, radius: this.radius };
    this.querySelector('dialog')?.close();
    this.tell('make', order);
  }
}

const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** @param {string} text */
const asText = (text) => (text ? asSentence(text) : '');

customElements.define('noise-workshop', NoiseWorkshop);

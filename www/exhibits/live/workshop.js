/**
 * Where a visitor sets up a universal noise of their own: the pictures that it
 * is made from, its norm and radius. It gathers; the exhibit makes. Events:
 * `make` (Order), `forget` (id), `closed`.
 */
import { html, nothing } from 'lit';
import { Part } from '../../parts/part.js';
import '../../parts/class-field.js';
import '../../parts/dialog.css';
import { isNoise } from '../../pictures/arrivals.js';
import { CAMERA, CLOSE, LANGUAGE } from '../../words/common.js';
import { TARGET } from '../../words/live.js';
import { NOT_READY } from '../../words/live-figure.js';
import { forget, lessonText, WORKSHOP } from '../../words/live-workshop.js';
import { SAMPLE_PHOTO, SAMPLE_PICTURE } from '../../words/pictures.js';
import { targetOf } from './attack.js';
import { FRAMES, Gathering } from './gathering.js';
import { plan } from '../../pictures/lesson.js';
import { cameraFields, gatheringProgress, shelf } from './workshop-pictures.js';
import { NORMS, sizeFields } from './workshop-size.js';
import './workshop.css';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Picture } from '../../engine/types.js'
 * @import { Arrival } from '../../parts/intake.js'
 * @import { Lesson } from '../../pictures/lesson.js'
 * @import { OwnNoise } from '../../pictures/noises.js'
 * @import { Sample } from '../../pictures/samples.js'
 * @import { Target } from './scene.js'
 *
 * @typedef {Lesson<Picture> & { norm: 'linf' | 'l2', radius: number, target: Target | null }} Order
 */

export class NoiseWorkshop extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    samples: { attribute: false },
    own: { attribute: false },
    read: { attribute: false },
    fromSamples: { state: true },
    norm: { state: true },
    radius: { state: true },
    target: { state: true },
  };

  #gathering = new Gathering({
    changed: () => this.requestUpdate(),
    tell: (notice) => this.tell('notice', notice),
  });

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use. */
    this.network = '';
    /** @type {Sample[]} */
    this.samples = [];
    /** The noises that were made here before. @type {OwnNoise[]} */
    this.own = [];
    /** Takes a `.npy` file, or fails with a sentence. @type {(file: File) => Promise<void>} */
    this.read = async () => {};
    this.fromSamples = true;
    /** @type {keyof typeof NORMS} */
    this.norm = 'linf';
    this.radius = NORMS.linf.usual;
    /** The class that all pictures should become; any other than their own without it. @type {Target | null} */
    this.target = null;
  }

  /** Whether it is open: then what is dropped on the page is for it. */
  get isOpen() {
    return this.querySelector('dialog')?.open ?? false;
  }

  async show() {
    const { engine, network } = this;
    this.querySelector('dialog')?.showModal();
    const kept = this.#gathering.isFor(network);
    this.tell('notice', { about: 'workshop', text: kept ? '' : WORKSHOP.otherNetwork });
    this.#gathering.listCameras();
    if (engine) await this.#gathering.readSamples(engine, this.samples);
  }

  /** @param {Arrival} arrival */
  async add(arrival) {
    const engine = /** @type {Engine} */ (this.engine);
    const noise = arrival.files.find(isNoise);
    if (arrival.files.some((file) => !isNoise(file)))
      await this.#gathering.addPhotos(engine, arrival);
    if (noise) await this.#readNoise(noise);
  }

  render() {
    const lesson = this.#lesson();
    const { own, others } = lesson;
    const { grabbing, reading, preparing, frames, photos } = this.#gathering;
    return html`<dialog
      class="workshop"
      aria-labelledby="workshop-title"
      closedby="any"
      @close=${this.#closed}
    >
      <div class="dialog-head">
        <h2 id="workshop-title">${WORKSHOP.title}</h2>
        <form method="dialog"><button>${CLOSE}</button></form>
      </div>
      <p>${WORKSHOP.about}</p>
      <fieldset>
        <legend>${WORKSHOP.pictures}</legend>
        <label class="check">
          <input
            id="from-samples"
            type="checkbox"
            .checked=${this.fromSamples}
            @change=${(/** @type {Event} */ event) =>
              (this.fromSamples = /** @type {HTMLInputElement} */ (event.target).checked)}
          />
          ${WORKSHOP.theSamples(this.samples.length, this.#sampleName)}
        </label>
        <div class="gather">
          <label class="button file-button">
            ${WORKSHOP.addPhotos}
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
            grabbing
              ? html`<button
                  type="button"
                  id="stop-grabbing"
                  @click=${() => this.#gathering.stop()}
                >
                  ${CAMERA.stop}
                </button>`
              : html`<button type="button" id="grab" ?disabled=${!this.engine} @click=${this.#grab}>
                  ${WORKSHOP.grab(FRAMES)}
                </button>`
          }
          ${cameraFields(this.#gathering)}
          ${
            photos.length + frames.length && !grabbing
              ? html`<button type="button" id="clear" @click=${() => this.#gathering.clear()}>
                  ${WORKSHOP.remove}
                </button>`
              : nothing
          }
        </div>
        ${gatheringProgress(this.#gathering)} ${shelf(lesson)}
        <p class="fine" id="lesson">
          ${
            own.length
              ? lessonText(lesson.ownText, others.length ? lesson.othersText : '')
              : WORKSHOP.atLeastOne
          }
        </p>
      </fieldset>
      ${sizeFields(this)}
      <fieldset>
        <legend>${TARGET.legend}</legend>
        <class-field
          field="workshop-target"
          caption=${TARGET.universal}
          any=${TARGET.any}
          note=${TARGET.universalNote}
          .engine=${this.engine}
          .network=${this.network}
          .label=${this.target?.label ?? -1}
          @class=${(/** @type {CustomEvent} */ event) => this.#aim(event.detail)}
        ></class-field>
      </fieldset>
      <div class="gather">
        <button
          type="button"
          class="primary"
          id="make"
          ?disabled=${!own.length || grabbing || preparing || reading > 0 || !this.engine?.device}
          @click=${() => this.#make(lesson)}
        >
          ${WORKSHOP.make}
        </button>
        <span class="fine">${this.engine?.device ? WORKSHOP.howLong : NOT_READY}</span>
      </div>
      <hr />
      <h3>${WORKSHOP.own}</h3>
      ${this.own.length ? this.#list() : html`<p class="fine">${WORKSHOP.none}</p>`}
      <label class="button file-button">
        ${WORKSHOP.read}
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

  #list() {
    return html`<ul class="own-noises">
      ${this.own.map(
        ({ id, title, made }) =>
          html`<li>
            <span>${title} <span class="fine">${date.format(new Date(made))}</span></span>
            <button type="button" data-forget=${id} @click=${() => this.tell('forget', id)}>
              ${forget(html`<span class="visually-hidden"> ${title}</span>`)}
            </button>
          </li>`,
      )}
    </ul>`;
  }

  get #sampleName() {
    return this.samples.every(({ isPhoto }) => isPhoto) ? SAMPLE_PHOTO : SAMPLE_PICTURE;
  }

  /** @param {number} label */
  async #aim(label) {
    const { engine } = this;
    this.target = engine && (await targetOf(engine, label));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('network')) this.target = null; // It has classes of its own.
  }

  #lesson() {
    return plan(this.#gathering, this.fromSamples, this.#sampleName);
  }

  // ---- gathering

  /** @param {Event} event */
  #chosen(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    input.value = ''; // The same file can be chosen again.
    if (files.length) this.add({ files, more: false });
  }

  /** @param {File} file */
  async #readNoise(file) {
    try {
      await this.read(file);
      this.tell('notice', { about: 'noise-file', text: '' });
      this.querySelector('dialog')?.close();
    } catch (error) {
      this.tell('notice', { about: 'noise-file', text: /** @type {Error} */ (error).message });
    }
  }

  #grab() {
    if (this.engine) this.#gathering.grab(this.engine);
  }

  #closed() {
    this.#gathering.stop();
    this.tell('closed');
  }

  /** @param {Lesson<Picture>} lesson */
  #make(lesson) {
    /** @type {Order} */
    const order = { ...lesson, norm: this.norm, radius: this.radius, target: this.target };
    this.querySelector('dialog')?.close();
    this.tell('make', order);
  }
}

const date = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });

customElements.define('noise-workshop', NoiseWorkshop);

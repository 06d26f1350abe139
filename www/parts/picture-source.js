/**
/**
 * Where pictures come from: samples, a file, the camera, and for networks that
 * read digits a drawing. It only asks; the exhibit fetches. Events: `sample` (id),
 * `file` (Arrival), `camera` (id, or undefined for the one that is wanted), `flip`,
 * `camera-stop`.
 */
import { html, nothing } from 'lit';
import { CAMERA } from '../words/common.js';
import { DRAW, NOT_THERE } from '../words/drawing.js';
import * as words from '../words/parts.js';
import './camera-choice.js';
import { SAMPLE } from './intake.js';
import { Part } from './part.js';
import { showing } from './source-view.js';
import './picture-source.css';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { CameraChoice } from '../exhibits/live/camera.js'
 * @import { Sample } from '../pictures/samples.js'
 * @import { DrawingPad } from './drawing-pad.js'
 */

const PLACEHOLDERS = 8;

export class PictureSource extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    samples: { attribute: false },
    chosen: {},
    cameras: { attribute: false },
    camera: {},
    running: { type: Boolean },
    flips: { type: Boolean },
    films: { type: Boolean },
  };

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use. */
    this.network = '';
    /** @type {Sample[]} */
    this.samples = [];
    this.chosen = '';
    /** @type {CameraChoice[]} */
    this.cameras = [];
    /** @type {string | null} */
    this.camera = null;
    this.running = false;
    /** Whether the camera in use is a phone's, with another one on the other side. */
    this.flips = false;
    /** Whether there is a camera to choose. */
    this.films = true;
  }

  render() {
    return html`<div class="source-row">
        <ul class="samples" aria-label=${words.SAMPLES}>
          ${
            this.samples.length
              ? this.samples.map((sample) => this.#sample(sample))
              : Array.from({ length: PLACEHOLDERS }, () => html`<li class="sample"></li>`)
          }
        </ul>
        <div class="source-buttons">
          <label class="button file-button">
            ${words.CHOOSE_PHOTO}
            <input
              id="file"
              class="visually-hidden"
              type="file"
              accept="image/*,.npy"
              multiple
              @change=${this.#file}
            />
          </label>
          ${!this.films ? nothing : this.running ? this.#cameraControls() : this.#cameraButton()}
          ${
            this.#readsDigits
              ? html`<button type="button" id="draw" @click=${() => this.#draw()}>${DRAW}</button>`
              : nothing
          }
        </div>
        <p class="source-note">
          ${this.running ? nothing : html`<span>${words.OR_DROP}</span>`}
          <span>${words.PRIVATE}</span>
        </p>
      </div>
      ${this.#readsDigits ? html`<drawing-pad .engine=${this.engine}></drawing-pad>` : nothing}`;
  }

  get #readsDigits() {
    const network = this.engine?.networks.find(({ id }) => id === this.network);
    return network?.data.startsWith('MNIST') ?? false;
  }

  async #draw() {
    try {
      await import(/* webpackChunkName: "drawing" */ './drawing-pad.js');
      await this.updateComplete;
      const pad = /** @type {DrawingPad | null} */ (this.querySelector('drawing-pad'));
      await pad?.updateComplete;
      pad?.show();
    } catch {
      this.tell('notice', { about: 'picture', text: NOT_THERE, again: () => this.#draw() });
    }
  }

  /** @param {Sample} sample */
  #sample({ id, thumbnail, title }) {
    return html`<li>
      <button
        type="button"
        class="sample"
        data-sample=${id}
        aria-pressed=${id === this.chosen}
        title=${title}
        draggable="true"
        @dragstart=${(/** @type {DragEvent} */ event) => event.dataTransfer?.setData(SAMPLE, id)}
        @click=${() => this.tell('sample', id)}
      >
        ${showing(thumbnail, title)}
      </button>
    </li>`;
  }

  #cameraButton() {
    return html`<button type="button" @click=${() => this.tell('camera')}>${words.WEBCAM}</button>`;
  }

  #cameraControls() {
    return html`<button type="button" @click=${() => this.tell('camera-stop')}>
        ${CAMERA.stop}
      </button>
      <camera-choice
        .cameras=${this.cameras}
        .camera=${this.camera}
        .flips=${this.flips}
      ></camera-choice>`;
  }

  /** @param {Event} event */
  #file(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    if (files.length) this.tell('file', { files, more: false });
    input.value = ''; // The same file can be chosen again.
  }
}

customElements.define('picture-source', PictureSource);

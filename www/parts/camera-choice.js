/**
 * Which of several cameras: by name, and on a phone by its other side. Events:
 * `camera` (id), `flip`.
 */
import { html, nothing } from 'lit';
import { CAMERA } from '../words/common.js';
import { Part } from './part.js';

/** @import { CameraChoice } from '../exhibits/live/camera.js' */

export class CameraChooser extends Part {
  static properties = {
    cameras: { attribute: false },
    camera: {},
    flips: { type: Boolean },
  };

  constructor() {
    super();
    /** @type {CameraChoice[]} */
    this.cameras = [];
    /** The id of the one in use. @type {string | null} */
    this.camera = null;
    /** Whether it is a phone, whose cameras look to two sides. */
    this.flips = false;
  }

  render() {
    const { cameras, camera, flips } = this;
    if (cameras.length < 2) return nothing;
    return html`${
      flips
        ? html`<button
            type="button"
            id="flip"
            title=${CAMERA.flipNote}
            @click=${() => this.tell('flip')}
          >
            ${CAMERA.flip}
          </button>`
        : nothing
    }
    ${
      flips && cameras.length === 2
        ? nothing
        : html`<select
            aria-label=${CAMERA.choose}
            @change=${(/** @type {Event} */ event) => {
              event.stopPropagation();
              this.tell('camera', /** @type {HTMLSelectElement} */ (event.target).value);
            }}
          >
            ${cameras.map(
              ({ id, label }) =>
                html`<option value=${id} ?selected=${id === camera}>${label}</option>`,
            )}
          </select>`
    }`;
  }

  updated() {
    // A visitor's choice moves the menu at once; if it cannot be had, the menu moves back.
    const menu = this.querySelector('select');
    if (menu && this.camera) menu.value = this.camera;
  }
}

customElements.define('camera-choice', CameraChooser);

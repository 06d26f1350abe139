/**
 * The pictures that a noise is to learn from, while they are gathered: samples and
 * photos. Each file that is no picture is told by its name, and does not keep the
 * others out.
 */
import * as words from '../words/pictures.js';
import { isNoise } from './arrivals.js';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { Picture } from '../engine/types.js'
 * @import { Arrival } from '../parts/intake.js'
 * @import { Notice } from '../parts/notice-bar.js'
 * @import { Sample } from './samples.js'
 *
 * @typedef {object} Desk
 * @property {() => void} changed
 * @property {(notice: Notice) => void} tell
 */

const MOST_PHOTOS = 64;

export class Album {
  #desk;
  /** Whose pictures these are: another network sees them at another size. */
  #network = '';

  /** Of each sample several views. @type {Picture[][]} */
  samples = [];
  /** @type {Picture[]} */
  photos = [];
  /** Of a webcam, where there is one. @type {Picture[]} */
  frames = [];
  /** Photos that are being read. */
  reading = 0;
  /** The samples are being read. */
  preparing = false;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
  }

  /** @param {string} network @returns {boolean} whether what was gathered was for another one */
  isFor(network) {
    if (network === this.#network) return true;
    const some = this.photos.length + this.frames.length > 0;
    Object.assign(this, { samples: [], photos: [], frames: [] });
    this.#network = network;
    return !some;
  }

  /** @param {Engine} engine @param {Sample[]} samples */
  async readSamples(engine, samples) {
    if (this.samples.length || this.preparing) return;
    this.preparing = true;
    this.changed();
    const network = this.#network;
    const read = await Promise.allSettled(samples.map(({ views }) => views(engine)));
    this.preparing = false;
    if (network !== this.#network) return;
    this.samples = read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const missing = read.length - this.samples.length;
    this.tell('workshop-samples', missing ? words.samplesMissing(missing, read.length) : '');
  }

  /** @param {Engine} engine @param {Arrival} arrival */
  async addPhotos(engine, { files, more }) {
    const photos = files.filter((file) => !isNoise(file));
    /** @type {string[]} */
    const reasons = [];
    let left = more;
    this.reading += photos.length;
    this.changed();
    for (const file of photos) {
      if (this.photos.length >= MOST_PHOTOS) left = true;
      else {
        try {
          this.photos = [...this.photos, await engine.loadPicture(file)];
        } catch (error) {
          const { message } = /** @type {Error} */ (error);
          reasons.push(photos.length > 1 ? `${file.name}: ${message}` : message);
        }
      }
      this.reading -= 1;
      this.changed();
    }
    if (left) reasons.unshift(words.enoughPhotos(MOST_PHOTOS));
    const first = words.photosAdded(photos.length - reasons.length, photos.length);
    this.tell('workshop', reasons.length > 1 && !left ? [first, ...reasons] : reasons);
  }

  /** One that was read already, such as the picture at hand. @param {Picture} picture */
  addPicture(picture) {
    if (this.photos.includes(picture) || this.photos.length >= MOST_PHOTOS) return;
    this.photos = [...this.photos, picture];
    this.changed();
  }

  clear() {
    this.photos = [];
    this.frames = [];
    this.changed();
  }

  changed() {
    this.#desk.changed();
  }

  /** @param {string} about @param {string | string[]} text */
  tell(about, text) {
    this.#desk.changed();
    this.#desk.tell({ about, text });
  }
}

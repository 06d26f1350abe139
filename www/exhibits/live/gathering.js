/**
 * The pictures that a noise is to learn from, while they are gathered: samples,
 * photos, frames of the webcam. Each file that is no picture is told by its name,
 * and does not keep the others out.
 */
import { isNoise } from '../../pictures/arrivals.js';
import { CAMERA, cameraFellBack } from '../../words.js';
import { Camera } from './camera.js';
import { isPhone, want } from './camera-wish.js';
import { framesFor } from './lesson.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Picture } from '../../engine/types.js'
 * @import { CameraChoice } from './camera.js'
 * @import { Arrival } from '../../parts/intake.js'
 * @import { Notice } from '../../parts/notice-bar.js'
 * @import { Sample } from '../../pictures/samples.js'
 *
 * @typedef {object} Desk
 * @property {() => void} changed
 * @property {(notice: Notice) => void} tell
 */

/** Of the webcam, to learn from; some in between are held back. */
export const FRAMES = 24;
const FRAME_MS = 250;
const MOST_PHOTOS = 64;

export class Gathering {
  #camera = new Camera();
  #desk;
  /** Settles when another camera that was chosen meanwhile runs. @type {Promise<unknown>} */
  #moving = Promise.resolve();
  /** Whose pictures these are: another network sees them at another size. */
  #network = '';

  /** Of each sample several views. @type {Picture[][]} */
  samples = [];
  /** @type {Picture[]} */
  photos = [];
  /** @type {Picture[]} */
  frames = [];
  grabbing = false;
  /** @type {CameraChoice[]} */
  cameras = [];
  /** Photos that are being read. */
  reading = 0;
  /** The samples are being read. */
  preparing = false;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#camera.ended = (lost) => (this.#moving = this.#fallBack(lost));
  }

  /** The id of the camera in use, or null. */
  get camera() {
    return this.#camera.id;
  }

  /** Whether the camera in use can be turned round. */
  get flips() {
    return this.grabbing && isPhone() && this.cameras.length > 1;
  }

  /** The cameras are known by name once one was allowed. */
  async listCameras() {
    const cameras = await Camera.list().catch(() => []);
    this.cameras = cameras.filter(({ id }) => id);
    this.#desk.changed();
  }

  /** @param {string} id of a camera */
  use(id) {
    if (this.grabbing) this.#moving = this.#camera.start(id).catch((error) => this.#failed(error));
    else want({ id });
    this.#desk.changed();
  }

  /** To the other side of a phone. */
  flip() {
    if (this.grabbing) this.#moving = this.#camera.flip().catch((error) => this.#failed(error));
  }

  /** It was pulled out: where there is another one, that one goes on. @param {string} lost */
  async #fallBack(lost) {
    const other = await this.#camera.startAnother(lost);
    this.#tell('camera', other ? cameraFellBack(other.label) : CAMERA.gone);
  }

  /** @param {Error} error */
  #failed(error) {
    this.#tell('camera', error.message);
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
    this.#desk.changed();
    const network = this.#network;
    const read = await Promise.allSettled(samples.map(({ views }) => views(engine)));
    this.preparing = false;
    if (network !== this.#network) return;
    this.samples = read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const missing = read.length - this.samples.length;
    this.#tell(
      'workshop-samples',
      missing
        ? `${missing} of the ${read.length} samples could not be downloaded; the others are here.`
        : '',
    );
  }

  /** @param {Engine} engine @param {Arrival} arrival */
  async addPhotos(engine, { files, more }) {
    const photos = files.filter((file) => !isNoise(file));
    /** @type {string[]} */
    const reasons = [];
    let left = more;
    this.reading += photos.length;
    this.#desk.changed();
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
      this.#desk.changed();
    }
    if (left) reasons.unshift(`${MOST_PHOTOS} photos are enough: the others were left out.`);
    const added = photos.length - reasons.length;
    const first = added
      ? `Of ${photos.length} files ${added} ${added === 1 ? 'was' : 'were'} added.`
      : `None of these ${photos.length} files could be added.`;
    this.#tell('workshop', reasons.length > 1 && !left ? [first, ...reasons] : reasons);
  }

  /** @param {Engine} engine */
  async grab(engine) {
    this.grabbing = true;
    this.frames = [];
    this.#tell('camera', '');
    try {
      await this.#camera.start();
      await this.listCameras();
      let due = performance.now();
      while (this.frames.length < framesFor(FRAMES)) {
        if (!this.#camera.running) await this.#moving;
        if (!this.#camera.running) break;
        const mirror = this.#camera.mirrored;
        const frame = await this.#camera.nextFrame();
        if (!frame) continue;
        if (performance.now() < due || document.hidden) {
          frame.close();
          continue;
        }
        due = performance.now() + FRAME_MS;
        this.frames = [...this.frames, await engine.loadPicture(frame, { mirror })];
        this.#desk.changed();
      }
    } catch (error) {
      this.#tell('camera', /** @type {Error} */ (error).message);
    } finally {
      this.#camera.stop();
      this.grabbing = false;
      this.#desk.changed();
    }
  }

  stop() {
    this.#camera.stop();
  }

  clear() {
    this.photos = [];
    this.frames = [];
    this.#desk.changed();
  }

  /** @param {string} about @param {string | string[]} text */
  #tell(about, text) {
    this.#desk.changed();
    this.#desk.tell({ about, text });
  }
}

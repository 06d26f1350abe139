/**
 * The pictures that a noise is to learn from, while they are gathered: samples and
 * photos, and here frames of the webcam too.
 */
import { Album } from '../../pictures/album.js';
import { CAMERA, cameraFellBack } from '../../words/common.js';
import { Camera } from './camera.js';
import { isPhone, want } from './camera-wish.js';
import { framesFor } from '../../pictures/lesson.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { CameraChoice } from './camera.js'
 * @import { Desk } from '../../pictures/album.js'
 */

/** Of the webcam, to learn from; some in between are held back. */
export const FRAMES = 24;
const FRAME_MS = 250;

export class Gathering extends Album {
  #camera = new Camera();
  /** Settles when another camera that was chosen meanwhile runs. @type {Promise<unknown>} */
  #moving = Promise.resolve();

  grabbing = false;
  /** @type {CameraChoice[]} */
  cameras = [];

  /** @param {Desk} desk */
  constructor(desk) {
    super(desk);
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
    this.changed();
  }

  /** @param {string} id of a camera */
  use(id) {
    if (this.grabbing) this.#moving = this.#camera.start(id).catch((error) => this.#failed(error));
    else want({ id });
    this.changed();
  }

  /** To the other side of a phone. */
  flip() {
    if (this.grabbing) this.#moving = this.#camera.flip().catch((error) => this.#failed(error));
  }

  /** It was pulled out: where there is another one, that one goes on. @param {string} lost */
  async #fallBack(lost) {
    const other = await this.#camera.startAnother(lost);
    this.tell('camera', other ? cameraFellBack(other.label) : CAMERA.gone);
  }

  /** @param {Error} error */
  #failed(error) {
    this.tell('camera', error.message);
  }

  /** @param {Engine} engine */
  async grab(engine) {
    this.grabbing = true;
    this.frames = [];
    this.tell('camera', '');
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
        this.changed();
      }
    } catch (error) {
      this.tell('camera', /** @type {Error} */ (error).message);
    } finally {
      this.#camera.stop();
      this.grabbing = false;
      this.changed();
    }
  }

  stop() {
    this.#camera.stop();
  }
}

/**
 * The webcam as the exhibit shows it: one frame after the other, always the
 * newest, never a queue. Frames leave with the arrays of earlier ones, to be
 * filled again.
 */
import { CAMERA, cameraFellBack } from '../../words/common.js';
import { FILM } from '../../words/live-figure.js';
import { Camera } from './camera.js';
import { isPhone } from './camera-wish.js';
import { Rate } from './rate.js';

/**
 * @import { CameraFrame, Picture } from '../../engine/types.js'
 * @import { CameraChoice } from './camera.js'
 * @import { Scene } from './scene.js'
 *
 * @typedef {object} Film
 * @property {(frame: CameraFrame) => Promise<void>} show
 * @property {() => Promise<void>} turn settles when there is time for the next frame
 * @property {(why: string) => void} ended by itself, or another one went on
 * @property {() => void} changed
 */

/** Of how many frames the share of fooled ones is told. */
const FRAMES = 60;

export class Filming {
  #camera = new Camera();
  #film;
  #rate = new Rate();
  /** @type {boolean[]} */
  #fooled = [];
  /** How often it was started: an earlier film ends, however late its last answer comes. */
  #films = 0;
  /** @type {Picture['rgba'][]} */
  #spare = [];

  on = false;
  /** @type {CameraChoice[]} */
  cameras = [];

  /** @param {Film} film */
  constructor(film) {
    this.#film = film;
    this.#camera.ended = (lost) => this.#fallBack(lost);
  }

  get camera() {
    return this.#camera.id;
  }

  get mirrored() {
    return this.#camera.mirrored;
  }

  /** Whether the camera can be turned round: a phone has one on each side. */
  get flips() {
    return isPhone() && this.cameras.length > 1;
  }

  /** What its frames are as pictures. */
  get about() {
    return {
      key: 'camera',
      title: this.mirrored ? FILM.mirrored : FILM.plain,
      kind: /** @type {const} */ ('camera'),
    };
  }

  /** Frames a second. */
  get rate() {
    return Math.round(this.#rate.perSecond);
  }

  get frames() {
    return { fooled: this.#fooled.filter(Boolean).length, seen: this.#fooled.length };
  }

  /** @param {string} [id] of a camera @throws a sentence, if there is none */
  start(id) {
    return this.#start(() => this.#camera.start(id));
  }

  /** The camera on the other side of a phone. @throws a sentence, if there is none */
  flip() {
    return this.#start(() => this.#camera.flip());
  }

  /** @param {() => Promise<unknown>} open */
  async #start(open) {
    try {
      await open();
    } catch (error) {
      this.stop();
      throw error;
    }
    // Stopped meanwhile, or another one chosen.
    if (this.#camera.running) await this.#begin();
  }

  async #begin() {
    this.#fooled = [];
    this.#rate = new Rate();
    this.on = true;
    document.addEventListener('visibilitychange', this.#hidden);
    navigator.mediaDevices.addEventListener('devicechange', this.#list);
    this.#film.changed();
    await this.#list();
    this.#run();
  }

  #list = async () => {
    this.cameras = await Camera.list();
    this.#film.changed();
  };

  #hidden = () => {
    if (document.hidden) this.stop(FILM.hidden);
  };

  /** It was pulled out: where there is another one, that one goes on. @param {string} lost */
  async #fallBack(lost) {
    const other = await this.#camera.startAnother(lost);
    if (!other) return this.stop(CAMERA.gone);
    await this.#begin();
    return this.#film.ended(cameraFellBack(other.label));
  }

  /** @param {string} [why] told where it was not the visitor who ended it */
  stop(why) {
    this.#camera.stop();
    this.#spare = [];
    if (!this.on) return;
    this.on = false;
    document.removeEventListener('visibilitychange', this.#hidden);
    navigator.mediaDevices.removeEventListener('devicechange', this.#list);
    this.#film.changed();
    if (why) this.#film.ended(why);
  }

  /** Arrays that nobody shows any more. */
  takeSpare() {
    return this.#spare.splice(0);
  }

  /** @param {Scene | null} shown a scene of the camera's that has just been replaced */
  giveBack(shown) {
    if (shown?.picture.kind !== 'camera') return;
    this.#spare.push(shown.picture.pixels.rgba);
    if (shown.sum) this.#spare.push(shown.sum.rgba);
  }

  /** @param {boolean} fooled the last frame */
  record(fooled) {
    this.#fooled.push(fooled);
    if (this.#fooled.length > FRAMES) this.#fooled.shift();
  }

  /** Another noise, or another network: the count begins anew. */
  recount() {
    this.#fooled = [];
  }

  async #run() {
    const film = (this.#films += 1);
    while (this.#camera.running && film === this.#films) {
      await this.#film.turn();
      const frame = await this.#camera.nextFrame();
      if (!frame) continue;
      try {
        await this.#film.show(frame);
        this.#rate.tick(performance.now());
      } catch (error) {
        this.stop(/** @type {Error} */ (error).message);
      } finally {
        frame.close(); // Nothing is left here of one that was handed on.
      }
    }
  }
}

/**
 * The webcam as the exhibit shows it: one frame after the other, always the
 * newest, never a queue. Frames leave with the arrays of earlier ones, to be
 * filled again.
 */
import { Camera } from './camera.js';
import { Rate } from './rate.js';

/**
 * @import { CameraFrame, Picture } from '../../engine/types.js'
 * @import { CameraChoice } from './camera.js'
 * @import { Scene } from './scene.js'
 *
 * @typedef {object} Film
 * @property {(frame: CameraFrame) => Promise<void>} show
 * @property {() => Promise<void>} turn settles when there is time for the next frame
 * @property {(why: string) => void} ended by itself
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
    this.#camera.ended = () => this.stop('The camera was disconnected.');
  }

  get camera() {
    return this.#camera.id;
  }

  get mirrored() {
    return this.#camera.mirrored;
  }

  /** Frames a second. */
  get rate() {
    return Math.round(this.#rate.perSecond);
  }

  get frames() {
    return { fooled: this.#fooled.filter(Boolean).length, seen: this.#fooled.length };
  }

  /** @param {string} [id] of a camera @throws a sentence, if there is none */
  async start(id) {
    try {
      await this.#camera.start(id);
    } catch (error) {
      this.stop();
      throw error;
    }
    this.#fooled = [];
    this.#rate = new Rate();
    this.on = true;
    this.#film.changed();
    this.cameras = await Camera.list();
    this.#film.changed();
    this.#run();
  }

  /** @param {string} [why] told where it was not the visitor who ended it */
  stop(why) {
    this.#camera.stop();
    this.#spare = [];
    if (!this.on) return;
    this.on = false;
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

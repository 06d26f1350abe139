/** Perturbations as such: shipped, random, from files, drawn. */
import { EngineError } from './errors.js';
import { Growing } from './growing.js';
import * as words from '../words/engine.js';

/** @import { Drawing, Noise, Perturbation, PerturbationInfo, Picture } from './types.js' */

export class Noises extends Growing {
  /**
   * The shipped perturbations for a network, this one unless told.
   * @param {string} [of] its id
   * @returns {Promise<PerturbationInfo[]>}
   */
  async perturbations(of = this.network.id) {
    const all = await this.link.job(undefined, (remote) => remote.perturbations());
    return all.filter(({ network }) => network === of);
  }

  /**
   * A shipped perturbation, for whichever network it was made: of its own size.
   * @param {string} id of the catalogue
   * @returns {Promise<Perturbation>}
   */
  async loadPerturbation(id) {
    const all = await this.link.job(undefined, (remote) => remote.perturbations());
    const info = all.find((each) => each.id === id);
    if (!info) throw new EngineError('UnknownPerturbation', words.noNoise(id));
    const data = await this.link.job(undefined, (remote) => remote.loadPerturbation(info));
    return { ...info, data };
  }

  /**
   * A perturbation of another size, such as another network's, as this network takes
   * it; whatever takes a perturbation does this by itself. See {@link Noise}.
   * @param {Noise} perturbation
   * @returns {Promise<Float32Array<ArrayBuffer>>}
   */
  fitPerturbation(perturbation) {
    return this.link.job(undefined, (remote) =>
      remote.fitPerturbation(this.network.id, this.link.key(remote, perturbation)),
    );
  }

  /**
   * Random noise as large as a universal perturbation, to compare it with:
   * plus or minus the radius in every value, or for l2 a random direction of
   * that length. The radius is in grey levels.
   * @param {{ norm?: 'linf' | 'l2', radius: number, seed?: number }} size
   * @returns {Promise<Float32Array<ArrayBuffer>>}
   */
  randomNoise({ norm = 'linf', radius, seed = 0 }) {
    return this.link.job(undefined, (remote) =>
      remote.randomNoise(this.network.id, norm, radius, seed),
    );
  }

  /**
   * A perturbation of this strength around mid-grey, amplified by the drawing's
   * `factor`: the same for all strengths up to 1, so that a weaker one is fainter.
   * @param {Noise} perturbation
   * @param {number} [strength]
   * @returns {Promise<Drawing>}
   */
  draw(perturbation, strength = 1) {
    return this.link.job(undefined, (remote) =>
      remote.draw(this.network.id, this.link.key(remote, perturbation), strength),
    );
  }

  /**
   * A perturbation from the bytes of a `.npy` file, of any number type: of shape
   * [C, H, W] or [H, W, C], alone or in a batch of one. Whole numbers are grey
   * levels, and so are floats if one is beyond 1; other floats are in pixel units.
   * One for pictures of another size is resampled, its largest number kept.
   * @param {Uint8Array} bytes
   * @returns {Promise<Float32Array<ArrayBuffer>>}
   */
  readPerturbation(bytes) {
    return this.link.job(undefined, (remote) => remote.readPerturbation(this.network.id, bytes));
  }

  /**
   * What had to be guessed of a `.npy` file or changed, in a sentence; null of most.
   * @param {Uint8Array} bytes
   * @returns {Promise<string | null>}
   */
  noteOnNpy(bytes) {
    return this.link.job(undefined, (remote) => remote.noteOnNpy(this.network.id, bytes));
  }

  /**
   * The bytes of a `.npy` file, float32, shape [C, H, W].
   * @param {Noise} perturbation
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  toNpy(perturbation) {
    return this.link.job(undefined, (remote) =>
      remote.toNpy(this.network.id, this.link.key(remote, perturbation)),
    );
  }

  /**
   * The bytes of a `.npy` file of a picture as the classifier sees it: float32,
   * shape [C, H, W], in [0, 1].
   * @param {Picture} picture
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  pictureToNpy(picture) {
    return this.link.job(undefined, (remote) => remote.pictureToNpy(this.network.id, picture.rgba));
  }
}

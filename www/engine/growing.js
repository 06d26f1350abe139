/** What is asked of many pictures: one perturbation for all, and whom it fools. */
import { Searches } from './searches.js';

/**
 * @import {
 *   DiversityFound, FoolingCount, LabelGraphFound, Noise, OriginalOptions, OriginalResult, Picture,
 *   UniversalOptions, UniversalProgress, UniversalResult,
 * } from './types.js'
 */

export class Growing extends Searches {
  /**
   * One perturbation that fools the classifier on as many of `pictures.own` as
   * it can, of at most a radius (in grey levels), by stochastic gradients. On
   * `pictures.others` it is only tried, after every pass. Other calls are
   * answered meanwhile. `signal` cancels it; `finish` ends it early with what
   * there is, and the result then says `stopped`. Every few updates the progress
   * holds the perturbation as it is then.
   *
   *     const { perturbation } = await engine.universal({ own: pictures }, { radius: 10 });
   *     const { fooled } = await engine.fooling(pictures, perturbation);
   *
   * @param {{ own: Picture[], others?: Picture[] }} pictures
   * @param {UniversalOptions & {
   *   start?: Noise | null,
   *   onProgress?: (progress: UniversalProgress) => void,
   *   signal?: AbortSignal,
   *   finish?: AbortSignal,
   * }} [options]
   * @returns {Promise<UniversalResult>}
   */
  universal(pictures, options = {}) {
    return this.#grow('universal', pictures, options);
  }

  /**
   * The same by the published algorithm, which goes from picture to picture and
   * adds DeepFool's step where the perturbation so far does not fool: it takes
   * many more gradients. On the CPU; all else as `universal`.
   * @param {{ own: Picture[], others?: Picture[] }} pictures
   * @param {OriginalOptions & {
   *   start?: Noise | null,
   *   onProgress?: (progress: UniversalProgress) => void,
   *   signal?: AbortSignal,
   *   finish?: AbortSignal,
   * }} [options]
   * @returns {Promise<OriginalResult>}
   */
  universalOriginal(pictures, options = {}) {
    return this.#grow('universalOriginal', pictures, options);
  }

  /**
   * Whom a perturbation fools: the label of each picture without and with it
   * (clipped and rounded to 8 bits), and their count.
   * @param {Picture[]} pictures
   * @param {Noise} perturbation
   * @param {{ onProgress?: (done: number) => void, signal?: AbortSignal }} [options]
   * @returns {Promise<FoolingCount>}
   */
  async fooling(pictures, perturbation, { onProgress, signal } = {}) {
    await this.ready;
    return this.link.job(
      signal,
      (remote, job) => remote.fooling(pixelsOf(pictures), this.link.key(remote, perturbation), job),
      (event) => event.type === 'fooling' && onProgress?.(event.done),
    );
  }

  /**
   * How much some perturbations have in common: their inner products, divided by
   * their lengths, beside what random vectors of as many dimensions would have.
   * @param {Noise[]} perturbations
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<DiversityFound>}
   */
  async diversity(perturbations, { signal } = {}) {
    await this.ready;
    return this.link.job(signal, (remote, job) =>
      remote.diversity(
        perturbations.map((perturbation) => this.link.key(remote, perturbation)),
        job,
      ),
    );
  }

  /**
   * Into which classes a perturbation sends the others, as a graph: of the labels
   * that `fooling` gives.
   * @param {[number, number][]} labels of each picture, without and with it
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<LabelGraphFound>}
   */
  async labelGraph(labels, { signal } = {}) {
    await this.ready;
    return this.link.job(signal, (remote, job) =>
      remote.labelGraph(Uint32Array.from(labels.flat()), job),
    );
  }

  /**
   * One noise for all pictures, by either method.
   * @template {'universal' | 'universalOriginal'} Method
   * @param {Method} method
   * @param {{ own: Picture[], others?: Picture[] }} pictures
   * @param {NonNullable<Parameters<Growing[Method]>[1]>} options
   * @returns {Promise<any>} the method's own result
   */
  async #grow(method, { own, others = [] }, options) {
    const { start = null, onProgress, signal, finish, ...rest } = options;
    await this.ready;
    return this.link.job(
      signal,
      (remote, job) =>
        remote.grow(
          method,
          pixelsOf(own),
          pixelsOf(others),
          start && this.link.key(remote, start),
          rest,
          job,
        ),
      (event) => event.type === 'universal' && onProgress?.(event.progress),
      finish,
    );
  }
}

/** @param {Picture[]} pictures */
const pixelsOf = (pictures) => pictures.map(({ rgba }) => rgba);

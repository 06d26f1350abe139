/** What is asked of one picture as it is: to be read, and which class it shows. */
import * as Comlink from 'comlink';
import { Asking } from './asking.js';
import { EngineError } from './errors.js';
import * as words from '../words/engine.js';

/** @import { CameraFrame, Classified, ClassifiedFrame, Noise, Picture, PictureSource } from './types.js' */

export class Answers extends Asking {
  /**
   * Reads a picture, cuts out its middle square and brings it to the size that
   * the classifier sees; one that is such a square already, as this page saves
   * them, is taken as it is. Bitmaps and frames are taken over (transferred), not copied.
   * @param {PictureSource} source
   * @param {{ mirror?: boolean, signal?: AbortSignal }} [options]
   * @returns {Promise<Picture>}
   */
  async loadPicture(source, { mirror = false, signal } = {}) {
    const pixels =
      typeof source === 'string' || source instanceof URL
        ? await fetchBlob(source, signal)
        : source;
    const moved = isFrame(pixels) ? [pixels] : [];
    if (!moved.length && !(pixels instanceof Blob) && !(pixels instanceof ImageData))
      throw new EngineError('NotAPicture', words.NO_SOURCE);
    return this.link.job(signal, (remote, job) =>
      remote.loadPicture(this.network.id, Comlink.transfer(pixels, moved), mirror, job),
    );
  }

  /**
   * A picture that another network sees, as this one sees it: the whole square, resized.
   * @param {Picture} picture
   * @returns {Promise<Picture>}
   */
  async fitPicture(picture) {
    const { side } = this.network;
    if (picture.side === side) return picture;
    const rgba = await this.link.job(undefined, (remote) =>
      remote.fitPicture(this.network.id, picture.rgba, picture.side),
    );
    return { ...picture, rgba, side };
  }

  /**
   * The five likeliest classes of a picture, and of the picture with a
   * perturbation added (`strength` times), clipped and rounded to 8 bits.
   * @param {Picture} picture
   * @param {{ perturbation?: Noise | null, strength?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<Classified>}
   */
  async classify(picture, { perturbation = null, strength = 1, signal } = {}) {
    await this.ready;
    return this.link.job(signal, (remote, job) =>
      remote.classify(
        picture.rgba,
        perturbation && this.link.key(remote, perturbation),
        strength,
        job,
      ),
    );
  }

  /**
   * `loadPicture` and `classify` in one step, for a camera's frames, many a
   * second. The frame is taken over, and so are the arrays (`rgba`) of earlier
   * pictures that are given back as `spare`: they are filled again.
   * @param {CameraFrame} frame
   * @param {{
   *   mirror?: boolean,
   *   perturbation?: Noise | null,
   *   strength?: number,
   *   spare?: Picture['rgba'][],
   *   signal?: AbortSignal,
   * }} [options]
   * @returns {Promise<ClassifiedFrame>}
   */
  async classifyFrame(
    frame,
    { mirror = false, perturbation = null, strength = 1, spare = [], signal } = {},
  ) {
    try {
      await this.ready;
      const { side } = this.network;
      const { picture, sum, width, height, ...classified } = await this.link.job(
        signal,
        (remote, job) => {
          const key = perturbation && this.link.key(remote, perturbation);
          const question = { key, strength, mirror, side, spare };
          return remote.classifyFrame(
            Comlink.transfer(frame, [frame]),
            Comlink.transfer(
              question,
              spare.map(({ buffer }) => buffer),
            ),
            job,
          );
        },
      );
      const about = { side, width, height };
      return {
        ...classified,
        picture: { rgba: picture, ...about },
        sum: sum && { rgba: sum, ...about },
      };
    } finally {
      frame.close(); // Nothing is left here of one that was handed on.
    }
  }

  /**
   * One logit a class.
   * @param {Picture} picture
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>}
   */
  async logits(picture, { signal } = {}) {
    await this.ready;
    return this.link.job(signal, (remote, job) => remote.logits(picture.rgba, job));
  }

  /**
   * How the logits of some classes change with each pixel: [K, C, H, W].
   * @param {Picture} picture
   * @param {Iterable<number>} classes
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>}
   */
  async classGradients(picture, classes, { signal } = {}) {
    await this.ready;
    return this.link.job(signal, (remote, job) =>
      remote.classGradients(picture.rgba, Uint32Array.from(classes), job),
    );
  }

  /** The names of all classes, by label. @returns {Promise<string[]>} */
  classNames() {
    return this.link.job(undefined, (remote) => remote.classNames(this.network.id));
  }
}

/** @param {unknown} source @returns {source is CameraFrame} */
const isFrame = (source) =>
  source instanceof ImageBitmap || ('VideoFrame' in globalThis && source instanceof VideoFrame);

/** @param {string | URL} url @param {AbortSignal} [signal] */
async function fetchBlob(url, signal) {
  const response = await fetch(url, { signal }).catch((cause) => {
    signal?.throwIfAborted();
    throw new EngineError('PictureNotFound', words.pictureNotDownloaded(words.NO_CONNECTION), {
      cause,
    });
  });
  if (!response.ok) {
    throw new EngineError(
      'PictureNotFound',
      words.pictureNotDownloaded(words.serverSaid(response.status)),
    );
  }
  return response.blob();
}

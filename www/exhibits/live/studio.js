/**
 * The visitor's own noises, while they are made and counted. One is made at a
 * time; whom a finished one fools is counted beside whatever goes on, and what a
 * closed page or another network interrupts is counted later: its pictures are
 * kept with it until then.
 */
import { madeText } from '../../words/common.js';
import * as words from '../../words/live-workshop.js';
import { reached } from '../../pictures/noises.js';
import { begin, counted, make, share } from './making.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Notice } from '../../parts/notice-bar.js'
 * @import { Making } from './making.js'
 * @import { Noises, OwnNoise } from '../../pictures/noises.js'
 * @import { Order } from './workshop.js'
 *
 * @typedef {object} Stage what is around the studio
 * @property {() => { engine: Engine | null, noises: Noises | null }} tools
 * @property {(grew: boolean) => void} changed
 * @property {(noise: OwnNoise) => void} use shows a finished noise
 * @property {(noise: OwnNoise) => void} known a noise has its counts now
 * @property {(notice: Notice) => void} tell
 */

export class Studio {
  #stage;
  /** @type {AbortController | null} */
  #counting = null;
  /** Those whose count failed: they are counted when that is asked for. @type {Set<string>} */
  #failed = new Set();
  /** Settles when nothing is made any more. @type {Promise<void>} */
  #done = Promise.resolve();

  /** @type {Making | null} */
  making = null;

  /** @param {Stage} stage */
  constructor(stage) {
    this.#stage = stage;
  }

  get counting() {
    return this.#counting !== null;
  }

  /** @param {Order} order */
  make(order) {
    const { engine, noises } = this.#stage.tools();
    if (!engine || !noises || this.making) return;
    this.making = begin(order);
    this.#stage.changed(true);
    this.#done = this.#make(engine, noises, this.making);
  }

  /** Ends it with what there is; before the first step there is nothing. @returns {boolean} whether one was made */
  finish() {
    if (!this.making) return false;
    const { progress, finished, cancelled } = this.making;
    (progress?.gradientEvaluations ? finished : cancelled).abort();
    return true;
  }

  cancel() {
    this.making?.cancelled.abort();
  }

  /**
   * Makes room for another network or exhibit: what is being made is finished as it is, kept, and told.
   * @param {string} network that it is for
   * @param {string} again what to do to see it
   */
  async leave(network, again) {
    if (this.making) {
      const some = this.making.progress?.gradientEvaluations;
      this.finish();
      await this.#done;
      const text = some ? words.finishedEarly(again) : words.notBegun(network);
      this.#stage.tell({ about: 'making', text, kind: 'news' });
    }
    this.#counting?.abort();
  }

  /** The page goes: what is made is lost, what is counted goes on at the next visit. */
  close() {
    this.cancel();
    this.#counting?.abort();
  }

  /** @param {Engine} engine @param {Noises} noises @param {Making} making */
  async #make(engine, noises, making) {
    const { order } = making;
    const step = (/** @type {Partial<Making>} */ next) => {
      if (!this.making) return;
      this.making = { ...this.making, ...next };
      this.#stage.changed('grown' in next);
    };
    this.#compare(engine, noises, making).then((random) => random && step({ random }));
    try {
      const result = await make(engine, making, step);
      const data = /** @type {Float32Array<ArrayBuffer>} */ (result.perturbation);
      await this.#keep(noises, order, data, reached(result));
    } catch (error) {
      const grown = this.making?.grown;
      this.making = null;
      this.#stage.changed(true);
      if (making.cancelled.signal.aborted) return;
      const { message } = /** @type {Error} */ (error);
      if (grown) await this.#keep(noises, order, grown.data, grown.radius);
      const text = grown ? [message, words.KEPT_AS_GROWN] : message;
      this.#stage.tell({ about: 'making', text, again: () => this.make(order) });
    }
  }

  /** What random noise of the same size does, to compare. @param {Engine} engine @param {Noises} noises @param {Making} making */
  async #compare(engine, noises, { order, cancelled }) {
    try {
      const random = await noises.random(noises.sized(order));
      return await share(engine, order.others, random, cancelled.signal);
    } catch {
      return null; // It is counted once more at the end.
    }
  }

  /**
   * @param {Noises} noises
   * @param {Order} order
   * @param {Float32Array<ArrayBuffer>} data
   * @param {number} radius
   */
  async #keep(noises, { own, others, ownText, othersText, norm, target }, data, radius) {
    this.making = null;
    const uncounted = { own, others };
    const noise = noises.made({ data, norm, radius, ownText, othersText, uncounted, target });
    const kept = noises.keep(noise);
    this.#stage.use(noise);
    this.count();
    const trouble = await kept;
    this.#stage.tell({ about: 'storage', text: trouble ?? '' });
  }

  /** Counts, one after the other, whatever is not counted yet. */
  async count() {
    const { engine, noises } = this.#stage.tools();
    if (this.#counting || !engine?.device || !noises) return;
    const { signal } = (this.#counting = new AbortController());
    this.#stage.changed(false);
    try {
      for (;;) {
        const noise = noises.own.find(({ id, uncounted }) => uncounted && !this.#failed.has(id));
        if (!noise || signal.aborted) break;
        await this.#countOne(engine, noises, noise, signal);
      }
    } finally {
      this.#counting = null;
      this.#stage.changed(false);
    }
  }

  /** @param {Engine} engine @param {Noises} noises @param {OwnNoise} noise @param {AbortSignal} signal */
  async #countOne(engine, noises, noise, signal) {
    const pictures = /** @type {NonNullable<OwnNoise['uncounted']>} */ (noise.uncounted);
    try {
      const whole = await counted(engine, noises, noise, pictures, signal);
      // It may have been forgotten meanwhile.
      if (!noises.own.some(({ id }) => id === noise.id)) return;
      const trouble = await noises.keep(whole);
      this.#stage.known(whole);
      if (whole.counts && !trouble)
        this.#stage.tell({ about: 'making', text: madeText(whole.counts), kind: 'news' });
    } catch (error) {
      if (signal.aborted) return;
      this.#failed.add(noise.id);
      this.#stage.tell({
        about: 'making',
        text: words.wasNotCounted(noise.title, /** @type {Error} */ (error).message),
        again: () => {
          this.#failed.delete(noise.id);
          this.count();
        },
      });
    }
  }
}

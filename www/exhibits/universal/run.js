/**
 * One method at work: from the first picture to the count of whom its noise
 * fools. Whatever ends it, what it had is kept.
 */
import { latestOnly } from '../../latest.js';
import { passesFor } from '../../pictures/lesson.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import {
 *   Drawing, FoolingCount, OriginalResult, Picture, UniversalProgress, UniversalResult,
 * } from '../../engine/types.js'
 * @import { Lesson } from '../../pictures/lesson.js'
 * @import { Counted } from '../../words/universal.js'
 *
 * @typedef {'stochastic' | 'original'} Method
 * @typedef {{ norm: 'linf' | 'l2', radius: number, target: number, seed: number }} Wish
 * @typedef {Lesson<Picture>} PictureLesson
 *
 * The fooling rates when so many gradients had been evaluated; null where it was not measured.
 * @typedef {{ gradients: number, own: number | null, others: number | null }} Point
 *
 * @typedef {object} Job what a run is about
 * @property {Engine} engine
 * @property {string} network its id
 * @property {PictureLesson} lesson
 * @property {Picture[]} few pictures whose labels are watched
 * @property {Wish} wish
 */

/** Looking at a few pictures may take this share of the time. */
const SHARE_OF_LOOKS = 1 / 6;

/** @type {Method[]} */
export const METHODS = ['stochastic', 'original'];

export class Run {
  #cancelled = new AbortController();
  #finished = new AbortController();
  #counting = new AbortController();
  /** Whether its network went away before all was counted. */
  #left = false;
  /** When the next look at a few pictures may begin. */
  #nextLook = 0;
  #look = latestOnly((/** @type {Float32Array} */ v) => this.#lookAt(v));
  #draw = latestOnly((/** @type {Float32Array} */ v) => this.#drawIt(v));

  /** @type {'working' | 'counting' | 'done'} */
  state = 'working';
  /** @type {UniversalProgress | null} */
  progress = null;
  /** As it was when it was last shown. @type {Float32Array<ArrayBuffer> | null} */
  grown = null;
  /** @type {Drawing | null} */
  drawing = null;
  /** After each pass. @type {Point[]} */
  points = [{ gradients: 0, own: 0, others: null }];
  /** Labels of the few pictures, without and with what has grown. @type {[number, number][]} */
  few = [];
  /** @type {UniversalResult | OriginalResult | null} */
  result = null;
  /** Whom the finished noise fools. @type {{ own: FoolingCount, others: FoolingCount | null } | null} */
  counted = null;
  /** Why it ended before its time. */
  trouble = '';

  /** Hears of everything new. @type {(run: Run) => void} */
  changed = () => {};

  /** @param {Method} method @param {Job} job */
  constructor(method, job) {
    this.method = method;
    this.job = job;
    if (job.lesson.others.length) this.points[0].others = 0;
  }

  get working() {
    return this.state !== 'done';
  }

  /** Goes on until it is done or somebody stops it; never fails. */
  async start() {
    try {
      const result = await this.#make();
      this.result = result;
      // Before the first gradient there is nothing to keep.
      if (result.gradientEvaluations)
        this.grown = /** @type {Float32Array<ArrayBuffer>} */ (result.perturbation);
      this.#addPass(result.passes, {
        gradients: result.gradientEvaluations,
        own: result.rates.at(-1) ?? null,
        others: result.otherRates.at(-1) ?? null,
      });
    } catch (error) {
      this.#cancelled.signal.throwIfAborted();
      this.trouble = /** @type {Error} */ (error).message;
    }
    if (this.#cancelled.signal.aborted) return;
    if (this.grown) await this.#tell(this.grown);
    this.state = 'done';
    this.changed(this);
  }

  /** @param {Float32Array} v that has grown */
  async #tell(v) {
    this.#draw(v);
    this.state = 'counting';
    this.changed(this);
    this.counted = await this.#count(v, this.job.lesson);
  }

  /** Its network goes away: it ends with what there is, and is counted when that comes back. */
  leave() {
    this.#left = this.working;
    this.#finished.abort();
    this.#counting.abort();
  }

  /** Counts what was left uncounted. */
  async resume() {
    if (!this.#left) return;
    this.#left = false;
    this.#counting = new AbortController();
    if (this.working || !this.grown) return; // It comes to that by itself.
    await this.#tell(this.grown);
    this.state = 'done';
    this.changed(this);
  }

  /** Ends the making with what there is, or the counting. @returns {boolean} whether there was anything to end */
  finish() {
    if (this.state === 'done') return false;
    if (this.state === 'counting') this.#counting.abort();
    else this.#finished.abort();
    return true;
  }

  /** Nobody wants its result any more. */
  cancel() {
    this.#cancelled.abort();
    this.#counting.abort();
  }

  #make() {
    const { engine, lesson, wish } = this.job;
    const { norm, radius, target, seed } = wish;
    const common = {
      norm,
      radius,
      seed,
      signal: this.#cancelled.signal,
      finish: this.#finished.signal,
      onProgress: (/** @type {UniversalProgress} */ progress) => this.#heard(progress),
    };
    if (this.method === 'original') return engine.universalOriginal(lesson, common);
    return engine.universal(lesson, {
      ...common,
      maxPasses: passesFor(lesson),
      ...(target >= 0 && { target }),
    });
  }

  /** @param {UniversalProgress} progress */
  #heard(progress) {
    const { passes, gradientEvaluations, runningRate, otherRate, perturbation } = progress;
    this.#addPass(passes, { gradients: gradientEvaluations, own: runningRate, others: otherRate });
    this.progress = progress;
    if (perturbation && gradientEvaluations) {
      this.grown = /** @type {Float32Array<ArrayBuffer>} */ (perturbation);
      this.#draw(this.grown);
      if (performance.now() >= this.#nextLook) this.#look(this.grown);
    }
    this.changed(this);
  }

  /** The last pass may be told by the result alone. @param {number} passes that are complete @param {Point} point */
  #addPass(passes, point) {
    if (passes >= this.points.length) this.points = [...this.points, point];
  }

  /** @param {Float32Array} v */
  async #drawIt(v) {
    try {
      this.drawing = await this.job.engine.draw(v);
      this.changed(this);
    } catch {
      // The worker has gone; who makes the noise hears why.
    }
  }

  /** @param {Float32Array} v */
  async #lookAt(v) {
    const begun = performance.now();
    try {
      const { labels } = await this.#fooling(this.job.few, v, this.#counting.signal);
      if (this.state === 'working') this.few = labels;
      this.changed(this);
    } catch {
      return; // Stopped, or the worker has gone.
    }
    const now = performance.now();
    this.#nextLook = now + (now - begun) / SHARE_OF_LOOKS;
  }

  /** @param {Float32Array} v @param {PictureLesson} lesson */
  async #count(v, { own, others }) {
    const { few } = this.job;
    const { signal } = this.#counting;
    try {
      const ownCount = await this.#fooling(own, v, signal);
      const otherCount = others.length ? await this.#fooling(others, v, signal) : null;
      const labels = [...ownCount.labels, ...(otherCount?.labels ?? [])];
      const all = [...own, ...others];
      this.few = few.map((picture) => labels[all.indexOf(picture)]);
      return { own: ownCount, others: otherCount };
    } catch (error) {
      if (!signal.aborted) this.trouble = /** @type {Error} */ (error).message;
      return null;
    }
  }

  /** @param {Picture[]} pictures @param {Float32Array} v @param {AbortSignal} signal */
  async #fooling(pictures, v, signal) {
    const { engine, network } = this.job;
    const count = await engine.fooling(pictures, v, { signal });
    if (engine.network.id !== network) {
      // Somebody else has answered.
      this.leave();
      this.#left = true;
      signal.throwIfAborted();
    }
    return count;
  }
}

/**
 * How many pictures a noise fools, or leads to a target, of how many that were not it before.
 * @param {FoolingCount} count
 * @param {number} target -1 for any other label
 */
export function shareOf({ labels, fooled }, target) {
  if (target < 0) return { fooled, of: labels.length };
  const open = labels.filter(([clean]) => clean !== target);
  return { fooled: open.filter(([, now]) => now === target).length, of: open.length };
}

/**
 * What became of a run's noise, for the sentence; nothing before it is counted.
 * @param {Run} run
 * @param {(label: number) => string} name of a class
 * @returns {Counted[]}
 */
export function countedOf({ method, job, counted, result, progress }, name) {
  if (!counted) return [];
  const target = method === 'stochastic' ? job.wish.target : -1;
  const { own, others } = counted;
  return [
    {
      method,
      gradients: result?.gradientEvaluations ?? progress?.gradientEvaluations ?? 0,
      own: shareOf(own, target),
      others: others && shareOf(others, target),
      target: target < 0 ? '' : name(target),
    },
  ];
}

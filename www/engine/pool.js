/**
 * Helpers for the engine's worker: more workers, each with its own instance of
 * the same compiled wasm and its own network, who do a share of the pictures and
 * of the gradients (`src/web/pool.rs` asks for it). They are started by the first
 * long task, so that the first answer does not wait for them; nothing is
 * downloaded or compiled for them.
 *
 * A helper is never needed: one that fails, hangs or takes too much memory is
 * ended, and what it owes is computed by who asked.
 */
import * as Comlink from 'comlink';
import { Fuse } from './fuse.js';
import { cotangents, evenly, firsts, holdings } from './split.js';

/**
 * @import { Range } from './split.js'
 *
 * @typedef {{ values: Float32Array | null, memory: number }} HelperAnswer
 *
 * @typedef {object} HelperFace what is asked of a helper, see helper.js
 * @property {() => Promise<HelperAnswer>} open
 * @property {(x: Float32Array) => Promise<HelperAnswer>} logits
 * @property {(pass: number, x: Float32Array, answers: boolean) => Promise<HelperAnswer>} forward
 * @property {(pass: number, cotangents: Float32Array) => Promise<HelperAnswer>} pullBack
 * @property {(pass: number) => Promise<HelperAnswer>} forget
 *
 * @typedef {{ face: HelperFace, end: () => void }} Spawned
 *
 * @typedef {object} PoolOptions
 * @property {(failed: () => void) => Spawned} spawn
 * @property {number} workers how many there may be, the one that asks included
 * @property {(workers: number) => void} changed hears how many there are
 */

/** Bytes of wasm memory that a helper may take. */
const MOST_MEMORY = 60e6;
/** Helpers that are started in place of others, in a pool's life. */
const REPLACEMENTS = 3;
/** Pictures that are worth starting helpers for. */
const MANY_PICTURES = 4;
/** Fewer of them are, if they come so many times in a row: a camera's frames. Milliseconds. */
const STREAM = { times: 5, apart: 400 };
/** A helper may take so many times as long as who asked took for its share, and a while more. */
const PATIENCE = { times: 4, more: 2000 };
/** For a helper to open its network, milliseconds. */
const OPENING = 30_000;

export class Pool {
  /** @type {PoolOptions} */
  #options;
  /** @type {Helper[]} */
  #helpers = [];
  #starts;
  #starting = 0;
  #passes = 0;
  #stream = { times: 0, last: -Infinity };
  #closed = false;
  /** The longest that a row took here, milliseconds: a bound for who has more to do. */
  #slowest = 0;

  /** @param {PoolOptions} options */
  constructor(options) {
    this.#options = options;
    this.#starts = options.workers > 1 ? options.workers - 1 + REPLACEMENTS : 0;
  }

  /** How many compute, the one that asks included. */
  get workers() {
    return 1 + this.#helpers.length;
  }

  /** Bytes of wasm memory that the helpers have. */
  get memory() {
    return this.#helpers.reduce((sum, { memory }) => sum + memory, 0);
  }

  /**
   * Whether there is anybody to share so many pictures with. Long work starts
   * helpers, for the next time that it asks.
   * @param {number} pictures
   * @param {boolean} gradients
   */
  isReady(pictures, gradients) {
    if (gradients || pictures >= MANY_PICTURES || (pictures > 1 && this.#isStream())) this.#start();
    return this.#helpers.length > 0 && (gradients || pictures > 1);
  }

  /**
   * @param {Float32Array} x a view of memory that may change after this call
   * @param {number} pictures
   */
  logits(x, pictures) {
    const size = x.length / pictures;
    const shares = evenly(pictures, Math.min(pictures, this.workers));
    return this.#share(shares, (helper, [from, to]) =>
      helper.ask((face, send) => face.logits(send(x.slice(from * size, to * size)))),
    );
  }

  /**
   * @param {Float32Array} x a view of memory that may change after this call
   * @param {number} pictures
   */
  forward(x, pictures) {
    const pass = ++this.#passes;
    const helpers = [...this.#helpers];
    const kept = holdings(pictures, 1 + helpers.length);
    const answering = firsts(kept);
    const size = x.length / pictures;
    const answers = helpers.map((helper, index) => {
      const [from, to] = kept[index + 1];
      const part = x.slice(from * size, to * size);
      helper.passes.add(pass);
      return helper.ask((face, send) =>
        face.forward(pass, send(part), answering[index + 1] !== null),
      );
    });
    return {
      own: kept[0][1],
      logits: this.#share(answering, (_, __, index) => answers[index], helpers),
      pullBack: (/** @type {Float32Array} */ all, /** @type {number} */ k) => {
        const classes = all.length / (pictures * k);
        return this.#share(
          cotangents(kept, k),
          (helper, [from, to]) => {
            const part = all.slice(from * classes, to * classes);
            return helper.ask((face, send) => face.pullBack(pass, send(part)));
          },
          helpers,
        );
      },
      forget: () => {
        for (const helper of helpers) {
          helper.passes.delete(pass);
          if (helper.isLarge() && helper.passes.size === 0) this.#drop(helper);
          else helper.ask((face) => face.forget(pass));
        }
      },
    };
  }

  /** Ends all helpers, until long work starts them again. */
  rest() {
    this.#starts += this.#helpers.length;
    for (const helper of [...this.#helpers]) this.#drop(helper);
  }

  /** Ends all helpers. */
  close() {
    this.#closed = true;
    this.rest();
  }

  /**
   * @param {(Range | null)[]} shares one a worker, contiguous
   * @param {(helper: Helper, share: Range, index: number) => Promise<Float32Array | null>} ask
   * @param {Helper[]} helpers
   */
  #share([own, ...others], ask, helpers = this.#helpers) {
    const begun = performance.now();
    const parts = others.flatMap((share, index) => {
      if (!share) return [];
      const helper = helpers[index];
      return [{ helper, rows: share[1] - share[0], answer: ask(helper, share, index) }];
    });
    const ownRows = own ? own[1] - own[0] : 0;
    return {
      own: ownRows,
      collect: () => {
        const took = (performance.now() - begun) / ownRows;
        this.#slowest = Math.max(this.#slowest, took);
        return Promise.all(
          parts.map(async ({ helper, rows, answer }) => {
            const limit = PATIENCE.times * this.#slowest * rows + PATIENCE.more;
            return { rows, values: await helper.within(limit, answer) };
          }),
        );
      },
    };
  }

  #isStream() {
    const now = performance.now();
    const goesOn = now - this.#stream.last < STREAM.apart;
    this.#stream = { times: goesOn ? this.#stream.times + 1 : 1, last: now };
    return this.#stream.times >= STREAM.times;
  }

  #start() {
    while (
      !this.#closed &&
      this.#starts > 0 &&
      this.workers + this.#starting < this.#options.workers
    ) {
      this.#starts -= 1;
      this.#starting += 1;
      this.#open().finally(() => (this.#starting -= 1));
    }
  }

  async #open() {
    const helper = new Helper(this.#options.spawn, (failed) => this.#drop(failed));
    const opened = await helper.within(OPENING, helper.opened);
    if (this.#closed || !opened) return helper.end();
    this.#helpers.push(helper);
    this.#options.changed(this.workers);
  }

  /** @param {Helper} helper */
  #drop(helper) {
    helper.end();
    const index = this.#helpers.indexOf(helper);
    if (index < 0) return;
    this.#helpers.splice(index, 1);
    this.#options.changed(this.workers);
  }
}

/** One helper, as who asks sees it: it gives what was asked for, or nothing. */
class Helper {
  #spawned;
  #failed;
  #fuse = new Fuse();
  /** Bytes of its wasm. */
  memory = 0;
  /** What it keeps. @type {Set<number>} */
  passes = new Set();
  /** @type {Promise<boolean | null>} */
  opened;

  /**
   * @param {PoolOptions['spawn']} spawn
   * @param {(helper: Helper) => void} failed
   */
  constructor(spawn, failed) {
    this.#spawned = spawn(() => failed(this));
    this.#failed = failed;
    this.opened = this.ask((face) => face.open()).then(() => !this.#fuse.blown);
  }

  isLarge() {
    return this.memory > MOST_MEMORY;
  }

  /**
   * @param {(face: HelperFace, send: typeof transferred) => Promise<HelperAnswer>} question
   * @returns {Promise<Float32Array | null>}
   */
  async ask(question) {
    if (this.#fuse.blown) return null;
    try {
      const { values, memory } = await this.#fuse.guard(question(this.#spawned.face, transferred));
      this.memory = memory;
      return values;
    } catch {
      this.#failed(this);
      return null;
    }
  }

  /**
   * @template T
   * @param {number} milliseconds
   * @param {Promise<T>} answer
   * @returns {Promise<T | null>}
   */
  async within(milliseconds, answer) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, milliseconds, null);
    });
    const first = await Promise.race([answer.then((value) => ({ value })), late]);
    clearTimeout(timer);
    if (first) return first.value;
    this.#failed(this);
    return null;
  }

  end() {
    if (this.#fuse.blown) return;
    this.#fuse.blow(new Error('ended'));
    this.#spawned.end();
  }
}

const transferred = (/** @type {Float32Array} */ values) =>
  Comlink.transfer(values, [values.buffer]);

/**
 * How many workers there may be where nobody says: a core each. Of memory each
 * takes up to {@link MOST_MEMORY}, which phones do not have for eight, and many
 * browsers do not say what they have.
 * @param {{ hardwareConcurrency?: number, deviceMemory?: number }} navigator memory in GiB
 */
export const usualWorkers = ({ hardwareConcurrency = 1, deviceMemory = 4 }) =>
  Math.max(1, Math.min(8, hardwareConcurrency, Math.floor(deviceMemory)));

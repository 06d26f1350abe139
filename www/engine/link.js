/**
 * The worker behind an engine, from the page's side: started, asked, watched over. One
 * that dies fails what was asked of it, and the next question may start another.
 */
import * as Comlink from 'comlink';
import { askWhetherAlive, whenFree } from './death.js';
import { EngineError, asError } from './errors.js';
import { Fuse } from './fuse.js';
import * as words from '../words/engine.js';

/**
 * @import { Noise, WorkerEvent, WorkerFace } from './types.js'
 *
 * @typedef {Comlink.Remote<WorkerFace>} Remote
 *
 * @typedef {object} Listener
 * @property {(event: WorkerEvent) => void} heard what belongs to no question
 * @property {(error: EngineError) => void} lost the worker is gone
 *
 * @typedef {(remote: Remote, listen: (event: WorkerEvent) => void, life: string) => Promise<void>} Greeting
 */

export class Link {
  /** @type {Listener} */
  #listener;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Remote | null} */
  #remote = null;
  #fuse = new Fuse();
  /** Ends the watch over a worker. */
  #watch = new AbortController();
  /** Settles when the worker can be asked. @type {Promise<void>} */
  #starting = Promise.resolve();
  #open = 0;
  #jobs = 0;
  #keys = 0;
  /** @type {WeakMap<Float32Array, number>} */
  #sent = new WeakMap();
  /** @type {Map<number, (event: WorkerEvent) => void>} */
  #listeners = new Map();
  #forgotten = new FinalizationRegistry((/** @type {number} */ key) => this.#remote?.drop(key));

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  get isOpen() {
    return this.#remote !== null;
  }

  /**
   * Starts the worker.
   * @param {Greeting} greet what it is asked first; until that is answered, all else waits
   */
  open(greet) {
    this.#starting = this.#start(greet);
    this.#starting.catch(() => {});
    return this.#starting;
  }

  /** Ends the worker. What was still asked fails. @param {Error} why */
  close(why) {
    this.#watch.abort();
    this.#watch = new AbortController();
    this.#worker?.terminate();
    this.#worker = null;
    this.#remote = null;
    this.#fuse.blow(why);
  }

  /**
   * One call to the worker.
   * @template T
   * @param {AbortSignal | undefined} signal cancels it
   * @param {(remote: Remote, job: number) => Promise<T>} call
   * @param {(event: WorkerEvent) => void} [listener] of its progress
   * @param {AbortSignal} [finish] ends it early, with what there is
   * @returns {Promise<T>}
   */
  async job(signal, call, listener, finish) {
    signal?.throwIfAborted();
    await this.#starting;
    const remote = this.#remote;
    const worker = this.#worker;
    if (!remote || !worker) throw this.#fuse.blown ?? new EngineError('Stopped', words.NOT_RUNNING);
    if (!this.#open++) {
      askWhetherAlive(
        () => remote.isAlive(),
        () => this.#lose(worker, words.CAUSE.silent),
      );
    }
    const job = ++this.#jobs;
    const cancel = () => remote.cancel(job);
    const enough = () => remote.finish(job);
    if (listener) this.#listeners.set(job, listener);
    signal?.addEventListener('abort', cancel);
    finish?.addEventListener('abort', enough);
    if (signal?.aborted) cancel();
    try {
      const answer = call(remote, job);
      if (finish?.aborted) enough();
      return await this.#fuse.guard(answer);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (asError(error).name !== 'RuntimeError') throw error;
      throw this.#lose(worker, asError(error).message);
    } finally {
      this.#open -= 1;
      signal?.removeEventListener('abort', cancel);
      finish?.removeEventListener('abort', enough);
      this.#listeners.delete(job);
    }
  }

  /**
   * The worker's key for a perturbation, sending it the first time.
   * @param {Remote} remote
   * @param {Noise} perturbation
   */
  key(remote, perturbation) {
    const { data, norm } =
      perturbation instanceof Float32Array
        ? { data: perturbation, norm: /** @type {const} */ ('linf') }
        : perturbation;
    let key = this.#sent.get(data);
    if (key === undefined) {
      key = ++this.#keys;
      this.#sent.set(data, key);
      this.#forgotten.register(data, key);
      // Messages arrive in order: whoever uses the key next finds it.
      remote.keep(key, data, norm ?? 'linf');
    }
    return key;
  }

  /** @param {Greeting} greet */
  async #start(greet) {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      type: 'module',
      name: 'foolscope',
    });
    const fuse = new Fuse();
    let started = false;
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      const cause = event.message || words.CAUSE.noProgram;
      if (started) this.#lose(worker, cause);
      else fuse.blow(new EngineError('Stopped', words.notStarted(cause)));
    });
    worker.addEventListener('messageerror', () => this.#lose(worker, words.CAUSE.lostMessage));
    this.#worker = worker;
    this.#fuse = fuse;
    this.#sent = new WeakMap();
    const remote = /** @type {Remote} */ (/** @type {unknown} */ (Comlink.wrap(worker)));
    this.#remote = remote;
    const listen = Comlink.proxy((/** @type {WorkerEvent} */ event) => this.#heard(event));
    const life = `foolscope ${Math.random()}`;
    try {
      await fuse.guard(greet(remote, listen, life));
    } catch (error) {
      if (this.#worker === worker) this.close(asError(error));
      throw error;
    }
    started = true;
    whenFree(life, this.#watch.signal, () => this.#lose(worker, words.CAUSE.ended));
  }

  /** @param {WorkerEvent} event */
  #heard(event) {
    if ('job' in event) this.#listeners.get(event.job)?.(event);
    else this.#listener.heard(event);
  }

  /**
   * @param {Worker} worker
   * @param {string} cause
   */
  #lose(worker, cause) {
    const error = new EngineError('Stopped', words.stopped(cause));
    if (worker !== this.#worker) return error;
    this.close(error);
    this.#listener.lost(error);
    return error;
  }
}

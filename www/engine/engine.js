/**
 * The engine: a real image classifier and the attacks on it, for any page.
 *
 *     const engine = await createEngine({ onProgress: console.log });
 *     const picture = await engine.loadPicture(file);
 *     const { clean } = await engine.classify(picture);
 *
 * Pictures, perturbations and results are plain values; the work is done in a
 * worker that this module starts. An error's message is one sentence that a
 * visitor can read; its `name` says which kind it is. Perturbations are never
 * changed here, and must not be changed after they were handed in: each is sent
 * to the worker once and remembered.
 */
import { EngineError } from './errors.js';
import { Own, held } from './own.js';
import { recall, remember } from './remembered.js';
import * as words from '../words/engine.js';

/** @import { Device, DeviceWish, EngineOptions, Metered, Settled, WorkerEvent } from './types.js' */

export { EngineError };

/** A worker that dies again so soon is not started a third time by itself. */
const RESTART_AFTER = 60_000;

/**
 * An engine whose classifier is ready: on the CPU, until the GPU was measured to
 * be faster; on the GPU, if it was asked for by name and works.
 * @param {EngineOptions} [options]
 * @returns {Promise<Engine>}
 */
export async function createEngine(options = {}) {
  const engine = await startEngine(options);
  try {
    await engine.ready;
    if (options.device === 'gpu') await engine.useDevice('gpu');
    return engine;
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

/**
 * The same, but at once: pictures can be read and noise drawn while the weights
 * are still on their way. `engine.ready` settles when they are there; if it
 * fails, `engine.load()` tries again.
 * @param {EngineOptions} [options]
 * @returns {Promise<Engine>}
 */
export async function startEngine(options = {}) {
  const engine = new Engine(options);
  await engine.start();
  return engine;
}

/**
 * Made by {@link createEngine} or {@link startEngine}. Fires `devicechange` when
 * it moved to another device, or knows more of it; `engine.device.reason` says why.
 * Fires `stopped` when its worker died: `detail.message` says why, and
 * `detail.again` whether it was started again by itself.
 */
export class Engine extends Own {
  #died = -Infinity;
  #metered = false;
  /** How often the device had changed when we last heard of it. */
  #moves = -1;

  /** The device in use; null until the classifier is ready. @type {Device | null} */
  device = null;
  /** How many workers compute on the CPU now; long tasks start more. */
  workers = 1;
  /** Whether the weights are known to be those that were meant. */
  checked = true;

  /** @param {EngineOptions} options */
  constructor(options) {
    super(options, {
      heard: (event) => this.#heard(event),
      lost: (error) => this.#lost(error),
    });
  }

  /** Starts the worker and the loading. Called once by the functions above. */
  async start() {
    await this.#startWorker();
    this.load();
  }

  /**
   * Loads the classifier (again, if the last try failed).
   * @returns {Promise<void>} the same promise as `ready`
   */
  load() {
    this.ready = this.#load();
    // Who waits for `ready` hears of a failure; who does not must not be stopped by it.
    this.ready.catch(() => {});
    return this.ready;
  }

  /**
   * Moves to another network in the same worker. Until it is there, and if it
   * cannot be had, the one before goes on answering.
   * @param {string} network
   * @param {{ signal?: AbortSignal }} [options]
   */
  async useNetwork(network, { signal } = {}) {
    await this.ready;
    const loaded = await this.#ask({ ...this.options, network, weights: undefined }, signal);
    Object.assign(this.options, { network, weights: undefined });
    this.#moves = -1;
    this.checked = loaded.checked;
    this.#settle(loaded);
  }

  /**
   * Moves to another device, or with `auto` to the faster one. Answers go on
   * coming meanwhile. What cannot be had leaves the CPU, and says why.
   * @param {DeviceWish} wish
   * @returns {Promise<Device>}
   */
  async useDevice(wish) {
    this.options.device = wish;
    await this.ready;
    const settled = await this.link.job(undefined, (remote) => remote.useDevice(wish));
    this.#settle(settled);
    return /** @type {Device} */ (this.device);
  }

  /**
   * The addresses of all files that the worker has fetched, for whoever keeps them
   * for a visit without a network.
   * @returns {Promise<string[]>}
   */
  fetched() {
    return this.link.job(undefined, (remote) => remote.fetched());
  }

  /**
   * What the worker did since this was last called. The first call switches the
   * counting on, for which the worker starts anew: what was still asked fails with
   * `Stopped`, so call it before the questions whose cost it shall tell.
   * @returns {Promise<Metered>}
   */
  async meter() {
    if (!this.#metered) {
      this.#metered = true;
      this.link.close(new EngineError('Stopped', words.TO_BE_MEASURED));
      this.load();
    }
    await this.ready;
    if (this.options.device === 'gpu') await this.useDevice('gpu');
    const metered = await this.link.job(undefined, (remote) => remote.meter());
    if (!metered) throw new EngineError('NotReady', words.DOES_NOT_COUNT);
    return metered;
  }

  /** Ends the worker. What was still asked fails with `Stopped`. */
  dispose() {
    this.link.close(new EngineError('Stopped', words.CLOSED));
  }

  async #startWorker() {
    this.workers = 1;
    await this.link.open(async (remote, listen, life) => {
      const { network = 'efficientnet-lite0', weights } = this.options;
      const start = { life, network: weights ? '' : network, held: [...held.values()] };
      this.networks = await remote.start(this.base, listen, this.#metered, start);
    });
  }

  async #load() {
    if (!this.link.isOpen) await this.#startWorker();
    this.#moves = -1;
    const loaded = await this.#ask(this.options, this.options.signal);
    this.checked = loaded.checked;
    this.#settle(loaded);
  }

  /** @param {EngineOptions} options @param {AbortSignal} [signal] */
  #ask(options, signal) {
    const { network = this.network.id, device = 'auto', inject = 'none' } = options;
    const { workers } = options;
    const weights = isAddress(options.weights)
      ? new URL(options.weights, document.baseURI).href
      : options.weights;
    const request = { network, device, inject, weights, workers, measured: recall(network) };
    return this.link.job(signal, (remote, job) => remote.load(request, job));
  }

  /** @param {Settled} settled */
  #settle({ device, moves }) {
    if (moves <= this.#moves) return;
    this.#moves = moves;
    this.device = device;
    this.dispatchEvent(new CustomEvent('devicechange', { detail: device }));
  }

  /** @param {WorkerEvent} event */
  #heard(event) {
    if (event.type === 'device') this.#settle(event);
    else if (event.type === 'measured') remember(event.network, event.measured);
    else if (event.type === 'workers') this.workers = event.workers;
    else if (event.type === 'progress') this.options.onProgress?.(event.progress);
  }

  /**
   * The worker is gone. It is started again, unless that was just tried.
   * @param {EngineError} error
   */
  #lost(error) {
    this.device = null;
    const again = performance.now() - this.#died > RESTART_AFTER;
    this.#died = performance.now();
    if (again) this.load();
    else this.ready = Promise.reject(error);
    this.ready.catch(() => {});
    const { message } = error;
    this.dispatchEvent(new CustomEvent('stopped', { detail: { message, again } }));
  }
}

/** @param {EngineOptions['weights']} weights @returns {weights is string | URL} */
const isAddress = (weights) => typeof weights === 'string' || weights instanceof URL;

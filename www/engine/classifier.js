/**
 * One network on the best device that works. A GPU is never trusted: if it
 * refuses, fails the self-test or is lost later, the same network is opened
 * again on the CPU, and the sentence that says why travels with the device.
 */
import { chooseDevice } from './devices.js';
import { asError, asSentence, isTrap } from './errors.js';
import { Fuse } from './fuse.js';

/**
 * @import { Session } from '../wasm/foolscope.js'
 * @import { Device, LoadRequest } from './types.js'
 * @typedef {typeof import('../wasm/foolscope.js')} Wasm
 */

/** Names of errors that no other device would mend. */
const NOT_THE_GPU = new Set(['BadWeights', 'BadRequest', 'BadPicture', 'Cancelled', 'AbortError']);

export class Classifier {
  /** @type {Session} */
  #session;
  /** @type {Uint8Array | null} Kept for the CPU, should the GPU be lost. */
  #weights;
  /** @type {string} */
  #network;
  /** Whether the weights are a visitor's, not the shipped ones. */
  #ownWeights = false;
  /** @type {(device: Device) => void} */
  #moved;
  /** @type {Wasm} */
  #wasm;
  #lost = new Fuse();
  /** @type {Promise<unknown>} The wasm answers one question at a time. */
  #tail = Promise.resolve();
  /** @type {Set<Promise<unknown>>} Long questions, which let the others in between two steps. */
  #beside = new Set();
  /** @type {Promise<void> | null} The way to the CPU, which is gone once. */
  #moving = null;
  /** @type {Device} */
  device;

  /**
   * @param {Wasm} wasm
   * @param {LoadRequest} request
   * @param {Uint8Array} weights
   * @param {(device: Device) => void} moved called when a lost GPU made it move to the CPU
   */
  static async open(wasm, request, weights, moved) {
    const { network } = request;
    const ownWeights = Boolean(request.weights);
    const choice = await chooseDevice(request.device, gpu());
    let reason = request.because ?? choice.reason;
    if (choice.kind === 'gpu') {
      try {
        const session = await wasm.Session.open(
          {
            network,
            device: 'gpu',
            ownWeights,
            injectGpuRefusal: request.inject === 'gpu-refused',
            injectSelfTestFailure: request.inject === 'self-test',
          },
          weights,
        );
        const opened = new Classifier(wasm, session, reason, network, weights, moved);
        opened.#ownWeights = ownWeights;
        if (request.inject === 'gpu-lost') opened.#lose('The GPU was lost.');
        return opened;
      } catch (error) {
        if (isTrap(error) || NOT_THE_GPU.has(asError(error).name)) throw error;
        reason = insteadOf(asError(error).message);
      }
    }
    const session = await wasm.Session.open({ network, device: 'cpu', ownWeights }, weights);
    return new Classifier(wasm, session, reason, network, weights, moved);
  }

  /**
   * @param {Wasm} wasm
   * @param {Session} session
   * @param {string} reason
   * @param {string} network
   * @param {Uint8Array} weights
   * @param {(device: Device) => void} moved
   */
  constructor(wasm, session, reason, network, weights, moved) {
    this.#wasm = wasm;
    this.#session = session;
    this.#network = network;
    this.#weights = session.device.kind === 'gpu' ? weights : null;
    this.#moved = moved;
    this.device = { ...plain(session.device), reason };
    if (this.device.kind === 'gpu') session.lost().then((why) => this.#lose(why));
  }

  /**
   * Runs one question after those before it. A question that a lost GPU left
   * open is asked again on the CPU.
   * @template T
   * @param {(session: Session) => Promise<T>} question
   * @param {AbortSignal} signal
   * @returns {Promise<T>}
   */
  ask(question, signal) {
    const answer = this.#tail.then(() => this.#answer(question, signal));
    this.#tail = answer.catch(() => {});
    return answer;
  }

  /**
   * Runs a question that takes a minute without making the others wait: they
   * are answered while it pauses between two steps.
   * @template T
   * @param {(session: Session) => Promise<T>} question
   * @param {AbortSignal} signal
   * @returns {Promise<T>}
   */
  askBeside(question, signal) {
    const answer = this.#answer(question, signal);
    const settled = answer
      .catch(() => {})
      .then(() => {
        this.#beside.delete(settled);
      });
    this.#beside.add(settled);
    return answer;
  }

  /** Frees the network once the questions before have been answered. */
  close() {
    this.#tail = Promise.all([this.#tail, ...this.#beside]).then(() => this.#session.free());
  }

  /**
   * @template T
   * @param {(session: Session) => Promise<T>} question
   * @param {AbortSignal} signal
   * @returns {Promise<T>}
   */
  async #answer(question, signal) {
    signal.throwIfAborted();
    const session = this.#session;
    const onGpu = this.device.kind === 'gpu';
    try {
      return await this.#lost.guard(question(session));
    } catch (error) {
      signal.throwIfAborted();
      const { name, message } = asError(error);
      if (!onGpu || isTrap(error) || NOT_THE_GPU.has(name)) throw error;
      if (session === this.#session) await this.#moveToCpu(message);
      return await question(this.#session);
    }
  }

  /** @param {string} why */
  #lose(why) {
    this.#lost.blow(Object.assign(new Error(why), { name: 'GpuLost' }));
    this.#tail = this.#tail.then(() => this.#moveToCpu(why)).catch(() => {});
  }

  /** @param {string} why */
  #moveToCpu(why) {
    this.#moving ??= this.#openOnCpu(why).catch((error) => {
      this.#moving = null;
      throw error;
    });
    return this.#moving;
  }

  /** @param {string} why */
  async #openOnCpu(why) {
    if (!this.#weights) return;
    // The old session is not freed: a call that the GPU never answers still holds it.
    this.#session = await this.#wasm.Session.open(
      { network: this.#network, device: 'cpu', ownWeights: this.#ownWeights },
      this.#weights,
    );
    this.#weights = null;
    this.#lost = new Fuse();
    this.device = { ...plain(this.#session.device), reason: insteadOf(why) };
    this.#moved(this.device);
  }
}

/** `navigator.gpu`, which older browsers and some pages do not have. */
const gpu = () =>
  /** @type {{ gpu?: import('./devices.js').Gpu }} */ (/** @type {unknown} */ (navigator)).gpu;

/** @param {string} why one sentence */
const insteadOf = (why) => `${asSentence(why)} The CPU does the work instead.`;

/** @param {import('../wasm/foolscope.js').DeviceInfo} info */
const plain = ({ kind, name, software, selfTest }) => ({ kind, name, software, selfTest });

/**
 * One network on the best device that works. The CPU's session is always there:
 * it gives the first answer, and takes over at once if a GPU refuses, fails the
 * self-test or is lost later; the sentence that says why travels with the device.
 * The GPU's is opened beside it, and only where it may be the faster one or was
 * asked for.
 */
import { chooseDevice, comparison, faster } from './devices.js';
import { asError, asSentence, isTrap } from './errors.js';
import { Fuse } from './fuse.js';
import { openSession } from './pieces.js';
import { timed } from './stopwatch.js';
import * as words from '../words/engine.js';

/**
 * @import { Session } from '../wasm/cpu/foolscope.js'
 * @import { Session as Explorer } from '../wasm/explore/foolscope.js'
 * @import { Choice } from './devices.js'
 * @import { Pool } from './pool.js'
 * @import { Device, DeviceWish, LoadRequest, Measured } from './types.js'
 * @typedef {typeof import('../wasm/cpu/foolscope.js')} Wasm
 *
 * @typedef {{ session: Session, lost: Fuse }} OpenGpu
 *
 * @typedef {object} Modules the core's three
 * @property {Wasm} cpu
 * @property {() => Promise<Wasm>} gpu downloads it, once
 * @property {() => Promise<Wasm>} explore the same, of what further exhibits ask on the CPU
 * @property {(request: LoadRequest, weights: Uint8Array | Blob) => Pool} helpers for the CPU
 * @property {string} build tells builds of the page apart
 *
 * @typedef {object} Listener
 * @property {(device: Device, moves: number) => void} moved hears of every change of the device
 * @property {(measured: Measured) => void} measured hears how fast the devices are
 */

/** Names of errors that no other device would mend. */
const NOT_THE_GPU = new Set(['BadWeights', 'BadRequest', 'BadPicture', 'Cancelled', 'AbortError']);

/** How long the GPU waits for somebody's first question, so that the CPU answers it undisturbed. */
const FIRST_QUESTION = 1500;

export class Classifier {
  /** @type {Modules} */
  #modules;
  /** @type {LoadRequest} */
  #request;
  /** @type {Uint8Array | Blob} For the GPU, which may be wanted late. */
  #weights;
  /** @type {Listener} */
  #listener;
  /** @type {Session} */
  #cpu;
  /** @type {Pool} */
  #pool;
  /** @type {OpenGpu | null} */
  #gpu = null;
  /** The network once more, in the module of further exhibits. @type {Promise<Session> | null} */
  #explorer = null;
  /** @type {Promise<void> | null} */
  #opening = null;
  /** Ends the wait for a GPU that never opens. */
  #untilOpen = new Fuse();
  /** @type {Promise<unknown>} The wasm answers one question at a time. */
  #tail = Promise.resolve();
  /** @type {Set<Promise<unknown>>} Long questions, which let the others in between two steps. */
  #beside = new Set();
  /** Called when a question has its answer. */
  #answered = () => {};
  /** @type {Promise<void>} */
  #first = new Promise((resolve) => (this.#answered = resolve));
  /** @type {DeviceWish} */
  #wish;
  /** Counts the wishes: an older one that is still being prepared gives way. */
  #turn = 0;
  /** @type {Promise<void>} */
  #settled = Promise.resolve();
  /** @type {Measured | null} */
  #measured;
  /** @type {Device} */
  device;
  /** How often the device changed, which tells newer news from older. */
  moves = 0;

  /** The id of the network. */
  get network() {
    return this.#request.network;
  }

  /**
   * Ready on the CPU. Whatever else the request asks for is on its way then.
   * @param {Modules} modules
   * @param {LoadRequest} request
   * @param {Uint8Array | Blob} weights
   * @param {Listener} listener
   */
  static async open(modules, request, weights, listener) {
    const { network, device, measured } = request;
    const [choice, session] = await Promise.all([
      chooseDevice(device, gpu(), modules.build, measured),
      openSession(
        modules.cpu,
        { network, device: 'cpu', ownWeights: Boolean(request.weights) },
        weights,
      ),
    ]);
    const opened = new Classifier(modules, request, weights, listener, session, choice);
    opened.#settled = opened.#settle(choice);
    return opened;
  }

  /**
   * @param {Modules} modules
   * @param {LoadRequest} request
   * @param {Uint8Array | Blob} weights
   * @param {Listener} listener
   * @param {Session} session
   * @param {Choice} choice
   */
  constructor(modules, request, weights, listener, session, choice) {
    this.#modules = modules;
    this.#request = request;
    this.#weights = weights;
    this.#listener = listener;
    this.#cpu = session;
    this.#pool = modules.helpers(request, weights);
    session.shareWith(this.#pool);
    this.#wish = request.device;
    this.#measured = choice.measured;
    this.device = this.#described('cpu', meanwhile(choice), choice.gpu);
  }

  /**
   * Moves to another device, or back to the faster one. The same wish twice is
   * one wish; to try again what failed, wish for something else between.
   * @param {DeviceWish} wish
   * @returns {Promise<Device>} what it came to
   */
  async use(wish) {
    // Somebody waits for it, rather than for a first answer.
    this.#answered();
    if (wish !== this.#wish || (wish === 'gpu' && !this.#gpu && !this.#opening)) {
      this.#wish = wish;
      const turn = ++this.#turn;
      this.#settled = chooseDevice(wish, gpu(), this.#modules.build, this.#measured).then(
        (choice) => (turn === this.#turn ? this.#settle(choice) : undefined),
      );
    }
    await this.#settled;
    return this.device;
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
    const answer = this.#queued(() => this.#answer(question, signal));
    answer.catch(() => {}).then(this.#answered);
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
    return this.#besideOthers(this.#answer(question, signal));
  }

  /**
   * The same of what further exhibits ask, which is answered on the CPU.
   * @template T
   * @param {(session: Explorer) => Promise<T>} question
   * @param {AbortSignal} signal
   * @returns {Promise<T>}
   */
  exploreBeside(question, signal) {
    const answer = this.explorer().then((session) => {
      signal.throwIfAborted();
      return question(/** @type {Explorer} */ (session));
    });
    return this.#besideOthers(answer);
  }

  /**
   * @template T
   * @param {Promise<T>} answer
   * @returns {Promise<T>}
   */
  #besideOthers(answer) {
    const settled = answer
      .catch(() => {})
      .then(() => {
        this.#beside.delete(settled);
      });
    this.#beside.add(settled);
    return answer;
  }

  /** A session on the CPU that knows what further exhibits ask. @returns {Promise<Session>} */
  explorer() {
    this.#explorer ??= this.#openExplorer().catch((error) => {
      this.#explorer = null;
      throw error;
    });
    return this.#explorer;
  }

  async #openExplorer() {
    const { network, weights } = this.#request;
    const session = await openSession(
      await this.#modules.explore(),
      { network, device: 'cpu', ownWeights: Boolean(weights) },
      this.#weights,
    );
    session.shareWith(this.#pool);
    return session;
  }

  /** Bytes of wasm memory of those who help the CPU. */
  get helpersMemory() {
    return this.#pool.memory;
  }

  /** Frees the network once the questions before have been answered. */
  close() {
    this.#turn += 1;
    this.#listener = { moved: () => {}, measured: () => {} };
    this.#tail = Promise.allSettled([this.#tail, this.#opening, ...this.#beside]).then(() => {
      this.#pool.close();
      this.#cpu.free();
      this.#explorer?.then((session) => session.free());
      // One that was lost is not freed: a call that the GPU never answers still holds it.
      this.#gpu?.session.free();
    });
  }

  /** The GPU's module trapped where nobody waited for it. It can no longer be used. */
  gpuStopped() {
    this.#modules.gpu = () => Promise.reject(new Error(words.GPU_STOPPED));
    this.#untilOpen.blow(new Error(words.GPU_STOPPED));
    if (this.#gpu) this.#lose(this.#gpu, words.GPU_STOPPED);
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #queued(work) {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => {});
    return done;
  }

  /**
   * @template T
   * @param {(session: Session) => Promise<T>} question
   * @param {AbortSignal} signal
   * @returns {Promise<T>}
   */
  async #answer(question, signal) {
    signal.throwIfAborted();
    const used = this.device.kind === 'gpu' ? this.#gpu : null;
    if (!used) return question(this.#cpu);
    try {
      return await used.lost.guard(question(used.session));
    } catch (error) {
      signal.throwIfAborted();
      const { name } = asError(error);
      if (NOT_THE_GPU.has(name)) throw error;
      if (isTrap(error)) this.gpuStopped();
      else this.#lose(used, sentenceOf(error, used));
      return await question(this.#cpu);
    }
  }

  /** @param {Choice} choice */
  async #settle(choice) {
    const turn = this.#turn;
    const current = () => turn === this.#turn;
    this.#measured ??= choice.measured;
    if (choice.kind === 'cpu') return this.#take('cpu', choice.reason, choice.gpu);
    if (!this.#gpu) this.#take('cpu', meanwhile(choice), choice.gpu);
    try {
      await this.#openGpu();
      if (choice.kind === 'gpu') {
        if (current()) this.#take('gpu', choice.reason, choice.gpu);
        if (choice.gpu === 'software' || this.#measured) return;
      }
      const measured = await this.#measure(choice, current);
      if (!measured || !current()) return;
      this.#measured = measured;
      this.#listener.measured(measured);
      const kind = choice.kind === 'gpu' ? 'gpu' : faster(measured);
      const reason = comparison(measured);
      this.#take(kind, choice.kind === 'gpu' ? `${choice.reason} ${reason}` : reason, choice.gpu);
    } catch (error) {
      if (isTrap(error)) this.gpuStopped();
      const why = isTrap(error) ? words.GPU_STOPPED : asError(error).message;
      if (current()) this.#take('cpu', insteadOf(why), choice.gpu);
    }
  }

  #openGpu() {
    this.#opening ??= this.#startGpu().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #startGpu() {
    const { network, weights, inject } = this.#request;
    const module = await this.#modules.gpu();
    await Promise.race([this.#first, after(FIRST_QUESTION)]);
    this.#untilOpen = new Fuse();
    const session = await this.#untilOpen.guard(
      openSession(
        module,
        {
          network,
          device: 'gpu',
          ownWeights: Boolean(weights),
          injectGpuRefusal: inject === 'gpu-refused',
          injectSelfTestFailure: inject === 'self-test',
        },
        this.#weights,
      ),
    );
    const opened = { session, lost: new Fuse() };
    this.#gpu = opened;
    session.lost().then((why) => this.#lose(opened, why));
    if (inject === 'gpu-lost') this.#lose(opened, words.GPU_LOST);
    if (opened.lost.blown) throw opened.lost.blown;
  }

  /**
   * Both devices, one pass at a time: whoever asks meanwhile waits for one pass.
   * @param {Choice} choice
   * @param {() => boolean} current
   * @returns {Promise<Measured | null>} null where it is no longer wanted
   */
  async #measure({ adapter }, current) {
    const used = this.#gpu;
    if (!used) throw new Error(words.GPU_LOST);
    const pass = async (/** @type {() => Promise<number>} */ time) => {
      while (this.#beside.size) await Promise.all(this.#beside);
      return this.#queued(async () => (current() ? time() : 0));
    };
    const cpu = await timed(() => pass(() => this.#cpu.timePass()));
    const gpu = await timed(() => pass(() => used.lost.guard(used.session.timePass())), cpu).catch(
      (error) => {
        throw isTrap(error) ? error : new Error(sentenceOf(error, used), { cause: error });
      },
    );
    return current() ? { adapter, build: this.#modules.build, cpu, gpu } : null;
  }

  /**
   * @param {OpenGpu} used
   * @param {string} why
   */
  #lose(used, why) {
    used.lost.blow(Object.assign(new Error(why), { name: 'GpuLost' }));
    if (used !== this.#gpu) return;
    this.#gpu = null;
    this.#opening = null;
    if (this.device.kind === 'gpu') this.#take('cpu', insteadOf(why), this.device.gpu);
  }

  /**
   * @param {Device['kind']} kind
   * @param {string} reason
   * @param {Device['gpu']} offered
   */
  #take(kind, reason, offered) {
    const before = this.device;
    this.device = this.#described(kind, reason, offered);
    if (kind === 'gpu') this.#pool.rest();
    if (before.kind === kind && before.reason === reason) return;
    this.#listener.moved(this.device, ++this.moves);
  }

  /**
   * @param {Device['kind']} kind
   * @param {string} reason
   * @param {Device['gpu']} offered
   * @returns {Device}
   */
  #described(kind, reason, offered) {
    const session = kind === 'gpu' && this.#gpu ? this.#gpu.session : this.#cpu;
    const { cpu = null, gpu = null } = this.#measured ?? {};
    return { ...plain(session.device), reason, gpu: offered, milliseconds: { cpu, gpu } };
  }
}

/** `navigator.gpu`, which older browsers and some pages do not have. */
const gpu = () =>
  /** @type {{ gpu?: import('./devices.js').Gpu }} */ (/** @type {unknown} */ (navigator)).gpu;

/** @param {number} milliseconds */
const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What is said while the CPU answers and the GPU is on its way. @param {Choice} choice */
const meanwhile = ({ kind, reason }) => (kind === 'gpu' ? words.beingPrepared(reason) : reason);

/** @param {string} why one sentence */
const insteadOf = (why) => words.cpuDoesIt(asSentence(why));

/** What a driver says of work that it broke off is no sentence for anybody. @param {unknown} error @param {OpenGpu} used */
const sentenceOf = (error, { lost }) =>
  error === lost.blown ? asError(error).message : words.GPU_FAILED;

/** @param {import('../wasm/cpu/foolscope.js').DeviceInfo} info */
const plain = ({ kind, name, software, selfTest }) => ({ kind, name, software, selfTest });

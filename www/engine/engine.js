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
import * as Comlink from 'comlink';
import { askWhetherAlive, whenFree } from './death.js';
import { EngineError, asError } from './errors.js';
import { Fuse } from './fuse.js';
import { recall, remember } from './remembered.js';

/**
 * @import {
 *   Asked, CameraFrame, Classified, ClassifiedFrame, Device, DeviceWish, DiversityFound, Drawing,
 *   EngineOptions, FoolingCount, LabelGraphFound, Metered, NetworkInfo, Noise, OnPicture, OriginalOptions,
 *   OriginalResult, Perturbation, PerturbationInfo, Picture, PictureSource, Settled, UniversalOptions,
 *   UniversalProgress, UniversalResult, WorkerEvent, WorkerFace,
 * } from './types.js'
 */

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
export class Engine extends EventTarget {
  /** @type {EngineOptions} */
  #options;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Comlink.Remote<WorkerFace> | null} */
  #remote = null;
  #fuse = new Fuse();
  /** Ends the watch over a worker. */
  #watch = new AbortController();
  /** Settles when the worker can be asked. @type {Promise<void>} */
  #starting = Promise.resolve();
  #died = -Infinity;
  #open = 0;
  #metered = false;
  #jobs = 0;
  #keys = 0;
  /** @type {WeakMap<Float32Array, number>} */
  #sent = new WeakMap();
  /** @type {Map<number, (event: WorkerEvent) => void>} */
  #listeners = new Map();
  /** How often the device had changed when we last heard of it. */
  #moves = -1;
  #forgotten = new FinalizationRegistry((/** @type {number} */ key) => this.#remote?.drop(key));

  /** Every network that the wasm knows. @type {NetworkInfo[]} */
  networks = [];
  /** The device in use; null until the classifier is ready. @type {Device | null} */
  device = null;
  /** How many workers compute on the CPU now; long tasks start more. */
  workers = 1;
  /** Whether the weights are known to be those that were meant. */
  checked = true;
  /** Settles when the classifier can answer. @type {Promise<void>} */
  ready = Promise.resolve();

  /** @param {EngineOptions} options */
  constructor(options) {
    super();
    this.#options = options;
  }

  /** The network in use. @type {NetworkInfo} */
  get network() {
    const id = this.#options.network ?? 'efficientnet-lite0';
    const network = this.networks.find((each) => each.id === id);
    if (!network) throw new EngineError('UnknownNetwork', `There is no network called ${id}.`);
    return network;
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
    const loaded = await this.#ask({ ...this.#options, network, weights: undefined }, signal);
    this.#options = { ...this.#options, network, weights: undefined };
    this.#moves = -1;
    this.checked = loaded.checked;
    this.#settle(loaded);
  }

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
    return this.#job(signal, (remote, job) =>
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
    const rgba = await this.#job(undefined, (remote) =>
      remote.fitPicture(this.network.id, picture.rgba, picture.side),
    );
    return { ...picture, rgba, side };
  }

  /**
   * A perturbation of another size, such as another network's, as this network takes
   * it; whatever takes a perturbation does this by itself. See {@link Noise}.
   * @param {Noise} perturbation
   * @returns {Promise<Float32Array<ArrayBuffer>>}
   */
  fitPerturbation(perturbation) {
    return this.#job(undefined, (remote) =>
      remote.fitPerturbation(this.network.id, this.#send(remote, perturbation)),
    );
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
    return this.#job(signal, (remote, job) =>
      remote.classify(
        picture.rgba,
        perturbation && this.#send(remote, perturbation),
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
      const { picture, sum, width, height, ...classified } = await this.#job(
        signal,
        (remote, job) => {
          const key = perturbation && this.#send(remote, perturbation);
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
   * The smallest perturbation (l2) that DeepFool finds to change the answer, or to
   * lead to the class `target`.
   * @param {Picture} picture
   * @param {Asked<'deepfool'>} [options]
   */
  deepfool(picture, options = {}) {
    return this.#onPicture('deepfool', picture, options);
  }

  /**
   * The smallest change in whole grey levels that is found to change the answer,
   * or to lead to the class `target`: the sum fools from a file too.
   * @param {Picture} picture
   * @param {Asked<'eightBit'>} [options]
   */
  eightBit(picture, options = {}) {
    return this.#onPicture('eightBit', picture, options);
  }

  /**
   * The smallest perturbation within a random subspace of `dimension` of the
   * picture's dimensions (semi-random noise).
   * @param {Picture} picture
   * @param {Asked<'semiRandom'>} options
   */
  semiRandom(picture, options) {
    return this.#onPicture('semiRandom', picture, options);
  }

  /**
   * The smallest of some random noises, each as long as it has to be in its
   * direction to change the answer.
   * @param {Picture} picture
   * @param {Asked<'smallestRandom'>} [options]
   */
  smallestRandom(picture, options = {}) {
    return this.#onPicture('smallestRandom', picture, options);
  }

  /**
   * The answers on a grid over the plane through the picture that a perturbation
   * spans with a second one, or with a random direction; coarse to fine, so that
   * what `onProgress` hears can be shown. `finish` ends it with the points that
   * there are. Other questions are answered meanwhile.
   * @param {Picture} picture
   * @param {Asked<'section'>} options
   */
  section(picture, options) {
    return this.#onPicture('section', picture, options);
  }

  /**
   * The picture at a point of such a plane, and the answer to it.
   * @param {Picture} picture
   * @param {Asked<'planePoint'>} options
   */
  planePoint(picture, options) {
    return this.#onPicture('planePoint', picture, options);
  }

  /**
   * Singular values of the unit normals at the boundaries nearest to some
   * pictures, beside those of random vectors; and the share of a perturbation in
   * their span. `finish` ends it with the normals that there are. Other questions
   * are answered meanwhile.
   * @param {Picture[]} pictures
   * @param {Asked<'normals'>} [options]
   */
  normals(pictures, options = {}) {
    return this.#onPicture('normals', together(pictures), options);
  }

  /**
   * The smallest square patch of one colour that changes the answer.
   * @param {Picture} picture
   * @param {Asked<'smallestPatch'>} [options]
   */
  smallestPatch(picture, options = {}) {
    return this.#onPicture('smallestPatch', picture, options);
  }

  /**
   * The smallest shift, turn and zoom that changes the answer.
   * @param {Picture} picture
   * @param {Asked<'smallestMove'>} [options]
   */
  smallestMove(picture, options = {}) {
    return this.#onPicture('smallestMove', picture, options);
  }

  /**
   * The answer to a picture with a patch of one colour over it.
   * @param {Picture} picture
   * @param {Asked<'applyPatch'>} options
   */
  applyPatch(picture, options) {
    return this.#onPicture('applyPatch', picture, options);
  }

  /**
   * The answer to a picture that was shifted, turned (clockwise) and zoomed about
   * its centre. Beyond its edge the pixels of the edge go on.
   * @param {Picture} picture
   * @param {Asked<'applyMove'>} options
   */
  applyMove(picture, options) {
    return this.#onPicture('applyMove', picture, options);
  }

  /**
   * Places for words, scattered over a picture, for {@link Engine.hideWords}.
   * @param {Picture} picture
   * @param {Asked<'scatterWords'>} options
   */
  scatterWords(picture, options) {
    return this.#onPicture('scatterWords', picture, options);
  }

  /**
   * Colours words so that the answer changes, as many of them as it takes, the
   * first ones first. Each is given as how much it covers of the pixels of a box.
   * @param {Picture} picture
   * @param {Asked<'hideWords'>} options
   */
  hideWords(picture, options) {
    return this.#onPicture('hideWords', picture, options);
  }

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
   * How much some perturbations have in common: their inner products, divided by
   * their lengths, beside what random vectors of as many dimensions would have.
   * @param {Noise[]} perturbations
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<DiversityFound>}
   */
  async diversity(perturbations, { signal } = {}) {
    await this.ready;
    return this.#job(signal, (remote, job) =>
      remote.diversity(
        perturbations.map((perturbation) => this.#send(remote, perturbation)),
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
    return this.#job(signal, (remote, job) =>
      remote.labelGraph(Uint32Array.from(labels.flat()), job),
    );
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
    return this.#job(
      signal,
      (remote, job) => remote.fooling(pixelsOf(pictures), this.#send(remote, perturbation), job),
      (event) => event.type === 'fooling' && onProgress?.(event.done),
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
    return this.#job(undefined, (remote) =>
      remote.randomNoise(this.network.id, norm, radius, seed),
    );
  }

  /**
   * One logit a class.
   * @param {Picture} picture
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Float32Array>}
   */
  async logits(picture, { signal } = {}) {
    await this.ready;
    return this.#job(signal, (remote, job) => remote.logits(picture.rgba, job));
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
    return this.#job(signal, (remote, job) =>
      remote.classGradients(picture.rgba, Uint32Array.from(classes), job),
    );
  }

  /** The names of all classes, by label. @returns {Promise<string[]>} */
  classNames() {
    return this.#job(undefined, (remote) => remote.classNames(this.network.id));
  }

  /**
   * The shipped perturbations for a network, this one unless told.
   * @param {string} [of] its id
   * @returns {Promise<PerturbationInfo[]>}
   */
  async perturbations(of = this.network.id) {
    const all = await this.#job(undefined, (remote) => remote.perturbations());
    return all.filter(({ network }) => network === of);
  }

  /**
   * A shipped perturbation, for whichever network it was made: of its own size.
   * @param {string} id of the catalogue
   * @returns {Promise<Perturbation>}
   */
  async loadPerturbation(id) {
    const all = await this.#job(undefined, (remote) => remote.perturbations());
    const info = all.find((each) => each.id === id);
    if (!info) throw new EngineError('UnknownPerturbation', `There is no noise called ${id}.`);
    const data = await this.#job(undefined, (remote) => remote.loadPerturbation(info));
    return { ...info, data };
  }

  /**
   * A perturbation from the bytes of a `.npy` file, of any number type: of shape
   * [C, H, W] or [H, W, C], alone or in a batch of one. Whole numbers are grey
   * levels, and so are floats if one is beyond 1; other floats are in pixel units.
   * @param {Uint8Array} bytes
   * @returns {Promise<Float32Array<ArrayBuffer>>}
   */
  readPerturbation(bytes) {
    return this.#job(undefined, (remote) => remote.readPerturbation(this.network.id, bytes));
  }

  /**
   * What had to be guessed of such a file, in a sentence; null if nothing had to.
   * @param {Uint8Array} bytes
   * @returns {Promise<string | null>}
   */
  noteOnPerturbation(bytes) {
    return this.#job(undefined, (remote) => remote.noteOnPerturbation(this.network.id, bytes));
  }

  /**
   * What had to be guessed of a `.npy` file, in a sentence; null of most.
   * @param {Uint8Array} bytes
   * @returns {Promise<string | null>}
   */
  noteOnNpy(bytes) {
    return this.#job(undefined, (remote) => remote.noteOnNpy(this.network.id, bytes));
  }

  /**
   * The bytes of a `.npy` file, float32, shape [C, H, W].
   * @param {Noise} perturbation
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  toNpy(perturbation) {
    return this.#job(undefined, (remote) =>
      remote.toNpy(this.network.id, this.#send(remote, perturbation)),
    );
  }

  /**
   * The bytes of a `.npy` file of a picture as the classifier sees it: float32,
   * shape [C, H, W], in [0, 1].
   * @param {Picture} picture
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  pictureToNpy(picture) {
    return this.#job(undefined, (remote) => remote.pictureToNpy(this.network.id, picture.rgba));
  }

  /**
   * A perturbation of this strength around mid-grey, amplified by the drawing's
   * `factor`: the same for all strengths up to 1, so that a weaker one is fainter.
   * @param {Noise} perturbation
   * @param {number} [strength]
   * @returns {Promise<Drawing>}
   */
  draw(perturbation, strength = 1) {
    return this.#job(undefined, (remote) =>
      remote.draw(this.network.id, this.#send(remote, perturbation), strength),
    );
  }

  /**
   * The addresses of all files that the worker has fetched, for whoever keeps them
   * for a visit without a network.
   * @returns {Promise<string[]>}
   */
  fetched() {
    return this.#job(undefined, (remote) => remote.fetched());
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
      this.#stopWorker(new EngineError('Stopped', 'The classifier starts again, to be measured.'));
      this.load();
    }
    await this.ready;
    if (this.#options.device === 'gpu') await this.useDevice('gpu');
    const metered = await this.#job(undefined, (remote) => remote.meter());
    if (!metered) throw new EngineError('NotReady', 'The worker does not count.');
    return metered;
  }

  /**
   * Moves to another device, or with `auto` to the faster one. Answers go on
   * coming meanwhile. What cannot be had leaves the CPU, and says why.
   * @param {DeviceWish} wish
   * @returns {Promise<Device>}
   */
  async useDevice(wish) {
    this.#options = { ...this.#options, device: wish };
    await this.ready;
    const settled = await this.#job(undefined, (remote) => remote.useDevice(wish));
    this.#settle(settled);
    return /** @type {Device} */ (this.device);
  }

  /**
   * @template {keyof OnPicture} Call
   * @param {Call} call
   * @param {Pick<Picture, 'rgba'>} picture
   * @param {Asked<Call>} asked
   * @returns {Promise<OnPicture[Call]['result']>}
   */
  async #onPicture(call, picture, { onProgress, signal, finish, ...options }) {
    await this.ready;
    return this.#job(
      signal,
      (remote, job) =>
        endedBy(finish, remote, job, () =>
          // A call's own type of result is lost on the way through the worker.
          /** @type {any} */ (remote).onPicture(call, picture.rgba, options, job),
        ),
      (event) => event.type === 'step' && onProgress?.(/** @type {any} */ (event.progress)),
    );
  }

  /**
   * One noise for all pictures, by either method.
   * @template {'universal' | 'universalOriginal'} Method
   * @param {Method} method
   * @param {{ own: Picture[], others?: Picture[] }} pictures
   * @param {NonNullable<Parameters<Engine[Method]>[1]>} options
   * @returns {Promise<any>} the method's own result
   */
  async #grow(method, { own, others = [] }, options) {
    const { start = null, onProgress, signal, finish, ...rest } = options;
    await this.ready;
    return this.#job(
      signal,
      (remote, job) =>
        endedBy(finish, remote, job, () => {
          const first = start && this.#send(remote, start);
          return remote[method](pixelsOf(own), pixelsOf(others), first, rest, job);
        }),
      (event) => event.type === 'universal' && onProgress?.(event.progress),
    );
  }

  /** Ends the worker. What was still asked fails with `Stopped`. */
  dispose() {
    this.#stopWorker(new EngineError('Stopped', 'The engine was closed.'));
  }

  #startWorker() {
    this.#starting = this.#openWorker();
    this.#starting.catch(() => {});
    return this.#starting;
  }

  async #openWorker() {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      type: 'module',
      name: 'foolscope',
    });
    const fuse = new Fuse();
    let started = false;
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      const cause = event.message || 'its program did not arrive';
      if (started) this.#lose(worker, cause);
      else fuse.blow(new EngineError('Stopped', `The classifier could not be started: ${cause}.`));
    });
    worker.addEventListener('messageerror', () => this.#lose(worker, 'a message was lost'));
    this.#worker = worker;
    this.workers = 1;
    this.#fuse = fuse;
    this.#sent = new WeakMap();
    this.#remote = /** @type {Comlink.Remote<WorkerFace>} */ (
      /** @type {unknown} */ (Comlink.wrap(worker))
    );
    const base = new URL(this.#options.assets ?? '.', document.baseURI).href;
    const listen = Comlink.proxy((/** @type {WorkerEvent} */ event) => this.#heard(event));
    const life = `foolscope ${Math.random()}`;
    const { network = 'efficientnet-lite0', weights } = this.#options;
    const start = { life, network: weights ? '' : network };
    try {
      this.networks = await fuse.guard(this.#remote.start(base, listen, this.#metered, start));
    } catch (error) {
      if (this.#worker === worker) this.#stopWorker(asError(error));
      throw error;
    }
    started = true;
    whenFree(life, this.#watch.signal, () => this.#lose(worker, 'the browser ended it'));
  }

  /** @param {Error} why */
  #stopWorker(why) {
    this.#watch.abort();
    this.#watch = new AbortController();
    this.#worker?.terminate();
    this.#worker = null;
    this.#remote = null;
    this.#fuse.blow(why);
  }

  /**
   * The worker is gone. It is started again, unless that was just tried.
   * @param {Worker} worker
   * @param {string} cause
   */
  #lose(worker, cause) {
    if (worker !== this.#worker) return;
    const message = `The classifier stopped: ${cause}.`;
    this.#stopWorker(new EngineError('Stopped', message));
    this.device = null;
    const again = performance.now() - this.#died > RESTART_AFTER;
    this.#died = performance.now();
    if (again) this.load();
    else this.ready = Promise.reject(this.#fuse.blown);
    this.ready.catch(() => {});
    this.dispatchEvent(new CustomEvent('stopped', { detail: { message, again } }));
  }

  async #load() {
    if (!this.#remote) await this.#startWorker();
    this.#moves = -1;
    const loaded = await this.#ask(this.#options, this.#options.signal);
    this.checked = loaded.checked;
    this.#settle(loaded);
  }

  /** @param {EngineOptions} options @param {AbortSignal} [signal] */
  #ask(options, signal) {
    const { network = this.network.id, device = 'auto', inject = 'none' } = options;
    const { weights, workers } = options;
    const request = { network, device, inject, weights, workers, measured: recall(network) };
    return this.#job(signal, (remote, job) => remote.load(request, job));
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
    else if (event.type === 'progress') this.#options.onProgress?.(event.progress);
    else this.#listeners.get(event.job)?.(event);
  }

  /**
   * One call to the worker, which `signal` can cancel.
   * @template T
   * @param {AbortSignal | undefined} signal
   * @param {(remote: Comlink.Remote<WorkerFace>, job: number) => Promise<T>} call
   * @param {(event: WorkerEvent) => void} [listener]
   * @returns {Promise<T>}
   */
  async #job(signal, call, listener) {
    signal?.throwIfAborted();
    await this.#starting;
    const remote = this.#remote;
    const worker = this.#worker;
    if (!remote || !worker)
      throw this.#fuse.blown ?? new EngineError('Stopped', 'The engine is not running.');
    if (!this.#open++) {
      askWhetherAlive(
        () => remote.isAlive(),
        () => this.#lose(worker, 'it no longer answers'),
      );
    }
    const job = ++this.#jobs;
    const cancel = () => remote.cancel(job);
    if (listener) this.#listeners.set(job, listener);
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) cancel();
    try {
      return await this.#fuse.guard(call(remote, job));
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (asError(error).name !== 'RuntimeError') throw error;
      const why = `The classifier stopped: ${asError(error).message}.`;
      this.#lose(worker, asError(error).message);
      throw new EngineError('Stopped', why);
    } finally {
      this.#open -= 1;
      signal?.removeEventListener('abort', cancel);
      this.#listeners.delete(job);
    }
  }

  /**
   * The worker's key for a perturbation, sending it the first time.
   * @param {Comlink.Remote<WorkerFace>} remote
   * @param {Noise} perturbation
   */
  #send(remote, perturbation) {
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
}

/** @param {unknown} source @returns {source is CameraFrame} */
const isFrame = (source) =>
  source instanceof ImageBitmap || ('VideoFrame' in globalThis && source instanceof VideoFrame);

/** @param {Picture[]} pictures */
const pixelsOf = (pictures) => pictures.map(({ rgba }) => rgba);

/** Several pictures as bytes in one row. @param {Picture[]} pictures @returns {Pick<Picture, 'rgba'>} */
function together(pictures) {
  const size = pictures[0]?.rgba.length ?? 0;
  const rgba = new Uint8ClampedArray(pictures.length * size);
  pictures.forEach((picture, index) => rgba.set(picture.rgba, index * size));
  return { rgba };
}

/** @param {string | URL} url @param {AbortSignal} [signal] */
async function fetchBlob(url, signal) {
  const response = await fetch(url, { signal }).catch((cause) => {
    signal?.throwIfAborted();
    throw new EngineError(
      'PictureNotFound',
      'The picture could not be downloaded: there is no connection.',
      { cause },
    );
  });
  if (!response.ok) {
    throw new EngineError(
      'PictureNotFound',
      `The picture could not be downloaded: the server answered ${response.status}.`,
    );
  }
  return response.blob();
}

/**
 * A call that a signal ends early, with what there is.
 * @template T
 * @param {AbortSignal | undefined} finish
 * @param {Comlink.Remote<WorkerFace>} remote
 * @param {number} job
 * @param {() => Promise<T>} call
 */
async function endedBy(finish, remote, job, call) {
  const enough = () => remote.finish(job);
  finish?.addEventListener('abort', enough);
  try {
    const made = call();
    if (finish?.aborted) enough();
    return await made;
  } finally {
    finish?.removeEventListener('abort', enough);
  }
}

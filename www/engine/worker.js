/**
 * The worker owns the wasm, so that the page never waits for it: the CPU's module
 * at once, the GPU's beside it where it is wanted. Pixels and
 * tensors leave by transfer. Every long call has a job number; `cancel` comes in
 * as a message of its own while the wasm pauses between two steps.
 */
import * as Comlink from 'comlink';
import * as wasm from '../wasm/cpu/foolscope.js';
import { Arrivals } from './arrivals.js';
import { BroughtNetworks } from './brought.js';
import {
  arraysIn,
  buffers,
  bytesOf,
  clamped,
  concatenated,
  floats,
  isOpaque,
  joined,
} from './bytes.js';
import { Classifier } from './classifier.js';
import { holdForLife } from './death.js';
import { fetchFresh } from './downloads.js';
import { EngineError } from './errors.js';
import { Modules } from './modules.js';
import { listOwn } from './own-store.js';
import { readFrame, readPicture } from './pictures.js';
import { watch } from './watch.js';
import * as words from '../words/engine.js';

/**
 * @import { LoadRequest, NetworkInfo, Progress, UniversalProgress, WorkerEvent, WorkerFace } from './types.js'
 * @import { Session as Explorer } from '../wasm/explore/foolscope.js'
 */

/** @type {Map<number, { cancelled: AbortController, finished: AbortController }>} */
const jobs = new Map();
/**
 * A perturbation, and what it is for the last network of another size that asked.
 * @typedef {object} Kept
 * @property {Float32Array} values
 * @property {'linf' | 'l2'} norm that it keeps on the way to another size
 * @property {{ network: string, values: Float32Array } | null} fitted
 */

/** Perturbations stay here, so that each crosses the border once. @type {Map<number, Kept>} */
const kept = new Map();
/** Where a camera's frame is copied to. @type {ImageData | null} */
let room = null;
/** @type {Classifier | null} */
let classifier = null;
/** @type {(event: WorkerEvent) => void} */
let tell = () => {};
/** Settles when the page has heard what it was told last. @type {Promise<void>} */
let heard = Promise.resolve();
let assets = '';
const modules = new Modules((event) => tell(event));
const brought = new BroughtNetworks(modules);
/** @type {Arrivals} */
let arrivals;
/** Counts what the questions cost, where that was asked for. @type {import('./meter.js').Meter | null} */
let meter = null;

/** Calls that may take minutes: others are answered meanwhile. @type {Set<string>} */
const MINUTES = new Set(['section', 'normals', 'smallest', 'attack']);

/** @type {WorkerFace} */
const face = {
  async start(base, listen, metered, { life, network, held }) {
    assets = base;
    arrivals = new Arrivals(base, report);
    tell = (event) => {
      heard = Promise.resolve(listen(event)).catch(() => {});
    };
    await holdForLife(life);
    if (network) arrivals.expect(network);
    if (metered) {
      const { Meter } = await import('./meter.js');
      meter = new Meter();
      meter.watch(globalThis);
    }
    const kept = listOwn();
    await modules.start((loaded, total) => arrivals.program(loaded, total));
    await brought.start(kept, held);
    return networks();
  },

  load(request, job) {
    return run(job, async (signal) => {
      const { network } = request;
      const { bytes: weights, checked } = await weightsOf(request, signal);
      signal.throwIfAborted();
      report({ stage: 'preparing', network });
      const opened = await Classifier.open(modules, request, weights, {
        moved: (device, moves) => tell({ type: 'device', device, moves }),
        measured: (measured) => tell({ type: 'measured', network, measured }),
      });
      // Another was chosen meanwhile, which may be there already.
      if (signal.aborted) opened.close();
      signal.throwIfAborted();
      classifier?.close();
      classifier = opened;
      report({ stage: 'ready', device: opened.device });
      return { ...settled(opened), checked };
    });
  },

  bring: (network) => brought.add(network),

  forget: (id) => brought.forget(id),

  async useDevice(wish) {
    const used = ready();
    await used.use(wish);
    return settled(used);
  },

  meter() {
    if (!meter) return null;
    const cost = meter.read();
    return { ...cost, memory: cost.memory + (classifier?.helpersMemory ?? 0) };
  },

  isAlive: () => true,

  fetched: () => performance.getEntriesByType('resource').map(({ name }) => name),

  cancel(job) {
    jobs.get(job)?.cancelled.abort();
  },

  finish(job) {
    jobs.get(job)?.finished.abort();
  },

  keep(key, values, norm) {
    kept.set(key, { values, norm, fitted: null });
  },

  drop(key) {
    kept.delete(key);
  },

  loadPicture(network, source, mirror, job) {
    return run(job, async (signal) => {
      const { data, width, height } = await readPicture(source);
      signal.throwIfAborted();
      const rgba =
        isSquareOf(network, width, height) && isOpaque(data) && !mirror
          ? data
          : clamped(wasm.crop(network, bytesOf(data), width, height, mirror));
      return Comlink.transfer({ rgba, side: Math.sqrt(rgba.length / 4), width, height }, [
        rgba.buffer,
      ]);
    });
  },

  fitPicture(network, rgba, from) {
    const fitted = clamped(wasm.fitPicture(network, bytesOf(rgba), from));
    return Comlink.transfer(fitted, [fitted.buffer]);
  },

  fitPerturbation(network, key) {
    const data = floats(keptFor(network, key)).slice();
    return Comlink.transfer(data, [data.buffer]);
  },

  classify(rgba, key, strength, job) {
    return run(job, async (signal) => {
      const used = ready();
      const noise = key === null ? undefined : keptFor(used.network, key);
      const result = await used.ask(
        (session) => session.classify(bytesOf(rgba), noise, strength),
        signal,
      );
      return Comlink.transfer(result, buffers(result.perturbedRgba));
    });
  },

  classifyFrame(source, { key, ...question }, job) {
    return run(job, async (signal) => {
      try {
        const used = ready();
        const noise = key === null ? null : keptFor(used.network, key);
        /** @type {ImageData | undefined} */
        let frame;
        const seen = await used.ask(async (session) => {
          // Once: should the GPU be lost, the CPU is asked of the same pixels.
          frame ??= room = await readFrame(source, room);
          // It is the camera's own memory, of which there are few.
          source.close();
          return watch(session, frame, { noise, ...question });
        }, signal);
        return Comlink.transfer(seen, buffers(seen.picture, seen.sum));
      } finally {
        source.close();
      }
    });
  },

  logits(rgba, job) {
    return run(job, async (signal) => {
      const logits = await ready().ask((session) => session.logits(bytesOf(rgba)), signal);
      return Comlink.transfer(logits, buffers(logits));
    });
  },

  classGradients(rgba, classes, job) {
    return run(job, async (signal) => {
      const gradients = await ready().ask(
        (session) => session.classGradients(bytesOf(rgba), classes),
        signal,
      );
      return Comlink.transfer(gradients, buffers(gradients));
    });
  },

  onPicture(call, rgba, options, job) {
    return run(job, async (signal, finished) => {
      const report = (/** @type {unknown} */ progress) => tell({ type: 'step', job, progress });
      const used = ready();
      const question = async (/** @type {wasm.Session} */ session) => {
        const able = call in session ? session : await used.explorer();
        return stoppable(able, [signal, finished], (token) =>
          // Each of these calls takes the same; what an option may be is the wasm's to say.
          /** @type {any} */ (able)[call](bytesOf(rgba), options, report, token),
        );
      };
      const result = MINUTES.has(call)
        ? await used.askBeside(question, signal)
        : await used.ask(question, signal);
      signal.throwIfAborted();
      return Comlink.transfer(result, arraysIn(result));
    });
  },

  grow(method, own, others, start, options, job) {
    return run(job, async (signal, finished) => {
      const used = ready();
      const question = (/** @type {Explorer} */ session) =>
        stoppable(session, [signal, finished], (token) =>
          session[method](
            joined(own),
            joined(others),
            start === null ? undefined : keptFor(used.network, start),
            options,
            (/** @type {UniversalProgress} */ progress) =>
              tell({ type: 'universal', job, progress }),
            token,
          ),
        );
      const result =
        method === 'universalOriginal'
          ? await used.exploreBeside(question, signal)
          : await used.askBeside(async (session) => {
              // On the CPU it is for those who ask.
              const able = method in session ? session : await used.explorer();
              return question(/** @type {Explorer} */ (able));
            }, signal);
      signal.throwIfAborted();
      return Comlink.transfer(result, buffers(result.perturbation));
    });
  },

  diversity(keys, job) {
    return run(job, (signal) => {
      const used = ready();
      const noises = keys.map((key) => keptFor(used.network, key));
      return used.exploreBeside(async (session) => session.diversity(concatenated(noises)), signal);
    });
  },

  labelGraph(labels, job) {
    return run(job, (signal) =>
      ready().exploreBeside(async (session) => session.labelGraph(labels), signal),
    );
  },

  fooling(pictures, key, job) {
    return run(job, (signal) => {
      const used = ready();
      const noise = keptFor(used.network, key);
      return used.askBeside(
        (session) =>
          stoppable(session, [signal], (token) =>
            session.fooling(
              joined(pictures),
              noise,
              (/** @type {number} */ done) => tell({ type: 'fooling', job, done }),
              token,
            ),
          ),
        signal,
      );
    });
  },

  randomNoise(network, norm, radius, seed) {
    const data = floats(wasm.randomNoise(network, norm, radius, seed));
    return Comlink.transfer(data, [data.buffer]);
  },

  classNames: (network) => wasm.classNames(network),

  async perturbations() {
    return (await fetchFresh(at('perturbations/catalogue.json'))).json();
  },

  async loadPerturbation(info) {
    const response = await fetchFresh(at(`perturbations/${info.file}`));
    return face.readPerturbation(info.network, new Uint8Array(await response.arrayBuffer()));
  },

  readPerturbation(network, bytes) {
    const data = floats(wasm.perturbationFromNpy(network, bytes));
    return Comlink.transfer(data, [data.buffer]);
  },

  noteOnNpy: (network, bytes) => wasm.noteOnNpy(network, bytes) ?? null,

  toNpy(network, key) {
    const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (
      wasm.perturbationToNpy(network, keptFor(network, key))
    );
    return Comlink.transfer(bytes, [bytes.buffer]);
  },

  pictureToNpy(network, rgba) {
    const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (
      wasm.pictureToNpy(network, bytesOf(rgba))
    );
    return Comlink.transfer(bytes, [bytes.buffer]);
  },

  draw(network, key, strength) {
    const drawn = wasm.drawPerturbation(network, keptFor(network, key), strength);
    const rgba = clamped(drawn.rgba);
    return Comlink.transfer({ rgba, side: Math.sqrt(rgba.length / 4), factor: drawn.factor }, [
      rgba.buffer,
    ]);
  },
};

/**
 * @template T
 * @param {number} job
 * @param {(signal: AbortSignal, finished: AbortSignal) => Promise<T>} work
 */
async function run(job, work) {
  const [cancelled, finished] = [new AbortController(), new AbortController()];
  jobs.set(job, { cancelled, finished });
  try {
    const value = await work(cancelled.signal, finished.signal);
    // Results go another way than progress, and would overtake the last of it.
    await heard;
    return value;
  } finally {
    jobs.delete(job);
  }
}

/**
 * Hands the wasm a token that any of the signals cancels.
 * @template T
 * @param {wasm.Session} session who is asked
 * @param {AbortSignal[]} signals
 * @param {(token: wasm.CancelToken) => Promise<T>} work
 */
async function stoppable(session, signals, work) {
  const { CancelToken } = modules.ownerOf(session);
  const token = new CancelToken();
  const cancel = () => token.cancel();
  if (signals.some((signal) => signal.aborted)) cancel();
  for (const signal of signals) signal.addEventListener('abort', cancel);
  try {
    return await work(token);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', cancel);
    token.free();
  }
}

// A trap, or an exception on the way out of the browser's GPU calls, in between two questions reaches
// nobody who waits. The GPU's module takes only itself down.
self.addEventListener('error', (event) => {
  if (!event.error?.stack?.includes('/gpu/foolscope')) return;
  event.preventDefault();
  classifier?.gpuStopped();
});

/** @param {Classifier} of */
const settled = ({ device, moves }) => ({ device, moves });

/** @param {Progress} progress */
const report = (progress) => tell({ type: 'progress', progress });

/** @returns {NetworkInfo[]} */
const networks = () => [...wasm.catalogue(), ...brought.all];

/** @param {string} network */
const infoOf = (network) => networks().find(({ id }) => id === network);

/**
 * @param {LoadRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<{ bytes: Uint8Array | Blob, checked: boolean }>}
 */
async function weightsOf({ network, weights }, signal) {
  if (typeof weights === 'string') {
    // The same address may have another file tomorrow: it is not kept.
    return { bytes: await arrivals.from(weights, infoOf(network), signal), checked: true };
  }
  if (weights) return { bytes: weights, checked: true };
  if (brought.has(network)) return { bytes: await brought.weights(network), checked: true };
  return arrivals.weights(network, infoOf(network), signal);
}

/** @param {string} path */
const at = (path) => new URL(path, assets).href;

function ready() {
  if (!classifier) throw new EngineError('NotReady', words.NOT_LOADED);
  return classifier;
}

/** A perturbation as a network takes it: of its size. @param {string} network @param {number} key */
function keptFor(network, key) {
  const perturbation = kept.get(key);
  if (!perturbation) throw new EngineError('UnknownPerturbation', words.NOISE_NOT_LOADED);
  const { values, norm, fitted } = perturbation;
  const info = infoOf(network);
  if (!info || values.length === info.channels * info.side ** 2) return values;
  if (fitted?.network === network) return fitted.values;
  perturbation.fitted = { network, values: wasm.fitPerturbation(network, values, norm) };
  return perturbation.fitted.values;
}

/**
 * Whether a picture is what the network sees already: a sum that was saved here is read as it was,
 * and not cut and resized once more.
 * @param {string} network
 * @param {number} width
 * @param {number} height
 */
function isSquareOf(network, width, height) {
  const info = infoOf(network);
  return info?.channels === 3 && width === info.side && height === info.side;
}

Comlink.expose(face);

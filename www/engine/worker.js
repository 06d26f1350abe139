/**
 * The worker owns the wasm, so that the page never waits for it: the CPU's module
 * at once, the GPU's beside it where it is wanted. Pixels and
 * tensors leave by transfer. Every long call has a job number; `cancel` comes in
 * as a message of its own while the wasm pauses between two steps.
 */
import * as Comlink from 'comlink';
import init, * as wasm from '../wasm/cpu/foolscope.js';
import { Classifier } from './classifier.js';
import { compile } from './compile.js';
import { fetchFresh, fetchPinned } from './downloads.js';
import { EngineError, asError } from './errors.js';
import { readFrame, readPicture } from './pictures.js';
import { Pool, usualWorkers } from './pool.js';
import { knowsRelaxedSimd } from './relaxed-simd.js';
import { spawner } from './spawn.js';
import { watch } from './watch.js';

/**
 * @import { DeepfoolProgress, Progress, UniversalProgress, WorkerEvent, WorkerFace } from './types.js'
 */

/** @type {Map<number, { cancelled: AbortController, finished: AbortController }>} */
const jobs = new Map();
/** Perturbations stay here, so that each crosses the border once. @type {Map<number, Float32Array>} */
const kept = new Map();
/** Where a camera's frame is copied to. @type {ImageData | null} */
let room = null;
/** @type {Classifier | null} */
let classifier = null;
/** @type {(event: WorkerEvent) => void} */
let tell = () => {};
let assets = '';
/** The CPU's, compiled, for helpers. @type {WebAssembly.Module} */
let module;
/** Counts what the questions cost, where that was asked for. @type {import('./meter.js').Meter | null} */
let meter = null;

/** @type {WorkerFace} */
const face = {
  async start(base, listen, metered) {
    assets = base;
    tell = listen;
    if (metered) {
      const { Meter } = await import('./meter.js');
      meter = new Meter();
      meter.watch(globalThis);
    }
    try {
      module = await compile(wasmForThisBrowser().cpu);
      await init({ module_or_path: module });
    } catch (cause) {
      throw new EngineError(
        'NotSupported',
        `This browser cannot start the classifier (${asError(cause).message}). Use a current version of Chrome, Edge, Firefox or Safari.`,
        { cause },
      );
    }
    return wasm.catalogue();
  },

  load(request, job) {
    return run(job, async (signal) => {
      const report = (/** @type {Progress} */ progress) =>
        tell({ type: 'progress', job, progress });
      const weights = request.weights ?? (await fetchWeights(request.network, report, signal));
      signal.throwIfAborted();
      report({ stage: 'preparing', network: request.network });
      const { network } = request;
      const opened = await Classifier.open(modules, request, weights, {
        moved: (device, moves) => tell({ type: 'device', device, moves }),
        measured: (measured) => tell({ type: 'measured', network, measured }),
      });
      classifier?.close();
      classifier = opened;
      report({ stage: 'ready', device: opened.device });
      return settled(opened);
    });
  },

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

  cancel(job) {
    jobs.get(job)?.cancelled.abort();
  },

  finish(job) {
    jobs.get(job)?.finished.abort();
  },

  keep(key, perturbation) {
    kept.set(key, perturbation);
  },

  drop(key) {
    kept.delete(key);
  },

  loadPicture(network, source, mirror, job) {
    return run(job, async (signal) => {
      const { data, width, height } = await readPicture(source);
      signal.throwIfAborted();
      const rgba = clamped(wasm.crop(network, bytesOf(data), width, height, mirror));
      return Comlink.transfer({ rgba, side: Math.sqrt(rgba.length / 4), width, height }, [
        rgba.buffer,
      ]);
    });
  },

  classify(rgba, key, strength, job) {
    return run(job, async (signal) => {
      const result = await ready().ask(
        (session) =>
          session.classify(bytesOf(rgba), key === null ? undefined : keptAt(key), strength),
        signal,
      );
      return Comlink.transfer(result, buffers(result.perturbedRgba));
    });
  },

  classifyFrame(source, { key, ...question }, job) {
    return run(job, async (signal) => {
      try {
        const noise = key === null ? null : keptAt(key);
        /** @type {ImageData | undefined} */
        let frame;
        const seen = await ready().ask(async (session) => {
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

  deepfool(rgba, options, job) {
    return run(job, async (signal) => {
      const result = await ready().ask(
        (session) =>
          stoppable(session, [signal], (token) =>
            session.deepfool(
              bytesOf(rgba),
              options,
              (/** @type {DeepfoolProgress} */ progress) =>
                tell({ type: 'deepfool', job, progress }),
              token,
            ),
          ),
        signal,
      );
      return Comlink.transfer(result, buffers(result.perturbation, result.perturbedRgba));
    });
  },

  universal(own, others, start, options, job) {
    return run(job, async (signal, finished) => {
      const result = await ready().askBeside(
        (session) =>
          stoppable(session, [signal, finished], (token) =>
            session.universal(
              joined(own),
              joined(others),
              start === null ? undefined : keptAt(start),
              options,
              (/** @type {UniversalProgress} */ progress) =>
                tell({ type: 'universal', job, progress }),
              token,
            ),
          ),
        signal,
      );
      signal.throwIfAborted();
      return Comlink.transfer(result, buffers(result.perturbation));
    });
  },

  fooling(pictures, key, job) {
    return run(job, (signal) =>
      ready().askBeside(
        (session) =>
          stoppable(session, [signal], (token) =>
            session.fooling(
              joined(pictures),
              keptAt(key),
              (/** @type {number} */ done) => tell({ type: 'fooling', job, done }),
              token,
            ),
          ),
        signal,
      ),
    );
  },

  randomNoise(network, norm, radius, seed) {
    const data = floats(wasm.randomNoise(network, norm, radius, seed));
    return Comlink.transfer(data, [data.buffer]);
  },

  classNames: (network) => wasm.classNames(network),

  noteOnPerturbation: (network, bytes) => wasm.noteOnNpy(network, bytes) ?? null,

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

  toNpy(network, key) {
    const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (
      wasm.perturbationToNpy(network, keptAt(key))
    );
    return Comlink.transfer(bytes, [bytes.buffer]);
  },

  draw(network, key, factor) {
    const drawn = wasm.drawPerturbation(network, keptAt(key), factor);
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
    return await work(cancelled.signal, finished.signal);
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
  // A module takes only what is its own.
  const owner = loaded.find((module) => session instanceof module.Session) ?? wasm;
  const token = new owner.CancelToken();
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

/**
 * @param {string} network
 * @param {(progress: Progress) => void} report
 * @param {AbortSignal} signal
 */
async function fetchWeights(network, report, signal) {
  const info = wasm.catalogue().find(({ id }) => id === network);
  if (!info) throw new EngineError('UnknownNetwork', `There is no network called ${network}.`);
  if (!info.weightFile) {
    throw new EngineError('UnknownNetwork', `No weights are shipped for ${info.title}.`);
  }
  const file = `models/${info.weightFile}`;
  const pins = await readPins(signal);
  const download = (
    /** @type {number} */ loaded,
    /** @type {number | null} */ total,
    cached = false,
  ) =>
    report({ stage: 'download', file, loaded, total: total ?? (info.weightBytes || null), cached });
  return fetchPinned(at(file), pins[file], download, signal);
}

/** @param {AbortSignal} signal @returns {Promise<Record<string, import('./downloads.js').Pin>>} */
async function readPins(signal) {
  try {
    return await (await fetchFresh(at('assets.json'), signal)).json();
  } catch (error) {
    signal.throwIfAborted();
    // Without the list nothing can be checked, but the wasm still reads the file with care.
    if (asError(error).name === 'DownloadFailed' || error instanceof SyntaxError) return {};
    throw error;
  }
}

/**
 * Each module is there twice: the second file needs no relaxed instructions, and is slower. The
 * bundler wants to see the addresses whole.
 */
const wasmForThisBrowser = () =>
  knowsRelaxedSimd()
    ? {
        cpu: new URL('../wasm/cpu/foolscope_bg.wasm', import.meta.url),
        gpu: new URL('../wasm/gpu/foolscope_bg.wasm', import.meta.url),
      }
    : {
        cpu: new URL('../wasm/cpu/foolscope_simd128.wasm', import.meta.url),
        gpu: new URL('../wasm/gpu/foolscope_simd128.wasm', import.meta.url),
      };

/** The core's modules that are there, each with classes of its own. */
const loaded = [wasm];

/** @type {import('./classifier.js').Modules} */
const modules = {
  cpu: wasm,
  async gpu() {
    const { gpu } = wasmForThisBrowser();
    try {
      const module = await import(/* webpackChunkName: "gpu" */ '../wasm/gpu/foolscope.js');
      await module.default({ module_or_path: gpu });
      const opened = /** @type {typeof wasm} */ (/** @type {unknown} */ (module));
      loaded.push(opened);
      return opened;
    } catch (cause) {
      throw new EngineError('DownloadFailed', 'The program for the GPU could not be downloaded.', {
        cause,
      });
    }
  },
  helpers: ({ network, inject, workers }, weights) =>
    new Pool({
      spawn: spawner({ module, network, weights, inject }),
      workers: workers ?? usualWorkers(navigator),
      changed: (count) => tell({ type: 'workers', workers: count }),
    }),
  // Their names hold a hash of what is in them.
  build: Object.values(wasmForThisBrowser())
    .map(({ pathname }) => pathname.split('/').pop())
    .join(' '),
};

// A trap, or an exception on the way out of the browser's GPU calls, in between two questions reaches
// nobody who waits. The GPU's module takes only itself down.
self.addEventListener('error', (event) => {
  if (!event.error?.stack?.includes('/gpu/foolscope')) return;
  event.preventDefault();
  classifier?.gpuStopped();
});

/** @param {Classifier} of */
const settled = ({ device, moves }) => ({ device, moves });

/** @param {string} path */
const at = (path) => new URL(path, assets).href;

function ready() {
  if (!classifier) throw new EngineError('NotReady', 'The classifier is not loaded yet.');
  return classifier;
}

/** @param {number} key */
function keptAt(key) {
  const perturbation = kept.get(key);
  if (!perturbation) throw new EngineError('UnknownPerturbation', 'This noise is not loaded.');
  return perturbation;
}

/** @param {Uint8ClampedArray} data */
const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Pictures one after the other. @param {Uint8ClampedArray[]} pictures */
function joined(pictures) {
  const size = pictures.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const picture of pictures) {
    bytes.set(picture, at);
    at += picture.length;
  }
  return bytes;
}

/** @param {Uint8Array} bytes */
const clamped = (bytes) =>
  new Uint8ClampedArray(
    /** @type {ArrayBuffer} */ (bytes.buffer),
    bytes.byteOffset,
    bytes.byteLength,
  );

/** @param {Float32Array} data */
const floats = (data) => /** @type {Float32Array<ArrayBuffer>} */ (data);

/** @param {...({ buffer: ArrayBufferLike } | null)} arrays */
const buffers = (...arrays) => arrays.flatMap((array) => (array ? [array.buffer] : []));

Comlink.expose(face);

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
import { holdForLife } from './death.js';
import { fetchFresh, fetchPinned } from './downloads.js';
import { EngineError, asError } from './errors.js';
import { readFrame, readPicture } from './pictures.js';
import { Pool, usualWorkers } from './pool.js';
import { startProgram } from './program.js';
import { knowsRelaxedSimd } from './relaxed-simd.js';
import { spawner } from './spawn.js';
import { Tally } from './tally.js';
import { watch } from './watch.js';

/**
 * @import { Progress, UniversalProgress, WorkerEvent, WorkerFace } from './types.js'
 * @import { Session as Explorer } from '../wasm/explore/foolscope.js'
 *
 * A perturbation, and what it is for the last network of another size that asked.
 * @typedef {object} Kept
 * @property {Float32Array} values
 * @property {'linf' | 'l2'} norm that it keeps on the way to another size
 * @property {{ network: string, values: Float32Array } | null} fitted
 */

/** @type {Map<number, { cancelled: AbortController, finished: AbortController }>} */
const jobs = new Map();
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
/** The CPU's, compiled, for helpers. @type {WebAssembly.Module} */
let module;
/** Counts what the questions cost, where that was asked for. @type {import('./meter.js').Meter | null} */
let meter = null;

/** Calls that may take minutes: others are answered meanwhile. @type {Set<string>} */
const MINUTES = new Set(['section', 'normals']);

/** @type {WorkerFace} */
const face = {
  async start(base, listen, metered, { life, network }) {
    assets = base;
    tell = (event) => {
      heard = Promise.resolve(listen(event)).catch(() => {});
    };
    await holdForLife(life);
    if (network) expectWeights(network);
    if (metered) {
      const { Meter } = await import('./meter.js');
      meter = new Meter();
      meter.watch(globalThis);
    }
    await startProgram(
      wasmForThisBrowser().cpu,
      PROGRAM_BYTES.cpu,
      (loaded, total) => arriving.report('the program', loaded, total),
      async (response) => {
        module = await compile(response);
        await init({ module_or_path: module });
      },
    );
    return wasm.catalogue();
  },

  load(request, job) {
    return run(job, async (signal) => {
      const { network } = request;
      const report = (/** @type {Progress} */ progress) => tell({ type: 'progress', progress });
      const { bytes: weights, checked } = request.weights
        ? { bytes: request.weights, checked: true }
        : await fetchWeights(network, signal);
      signal.throwIfAborted();
      report({ stage: 'preparing', network });
      const opened = await Classifier.open(modules, request, weights, {
        moved: (device, moves) => tell({ type: 'device', device, moves }),
        measured: (measured) => tell({ type: 'measured', network, measured }),
      });
      classifier?.close();
      classifier = opened;
      report({ stage: 'ready', device: opened.device });
      return { ...settled(opened), checked };
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

  universal(own, others, start, options, job) {
    return run(job, async (signal, finished) => {
      const used = ready();
      const result = await used.askBeside(async (session) => {
        // On the CPU it is for those who ask.
        const able = /** @type {Explorer} */ (
          'universal' in session ? session : await used.explorer()
        );
        return stoppable(able, [signal, finished], (token) =>
          able.universal(
            joined(own),
            joined(others),
            start === null ? undefined : keptFor(used.network, start),
            options,
            (/** @type {UniversalProgress} */ progress) =>
              tell({ type: 'universal', job, progress }),
            token,
          ),
        );
      }, signal);
      signal.throwIfAborted();
      return Comlink.transfer(result, buffers(result.perturbation));
    });
  },

  universalOriginal(own, others, start, options, job) {
    return run(job, async (signal, finished) => {
      const used = ready();
      const result = await used.exploreBeside(
        (session) =>
          stoppable(session, [signal, finished], (token) =>
            session.universalOriginal(
              joined(own),
              joined(others),
              start === null ? undefined : keptFor(used.network, start),
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

/** What is on its way for the next answer. */
let arriving = new Tally((progress) => tell({ type: 'progress', progress }));
/** Weights that were sent for before the program could say what it needs. @type {Map<string, Promise<Weights>>} */
const expected = new Map();

/** @typedef {{ bytes: Uint8Array<ArrayBuffer>, checked: boolean }} Weights */

/** Sends for a network's weights while the program itself arrives. @param {string} network */
function expectWeights(network) {
  const coming = readPins().then((pins) => {
    const file = `models/${network}.safetensors`;
    // What is not listed may not be there: the program's catalogue decides.
    if (!pins[file]) throw new Error('not listed');
    return download(file, pins);
  });
  coming.catch(() => {});
  expected.set(network, coming);
}

/**
 * @param {string} network
 * @param {AbortSignal} signal
 * @returns {Promise<Weights>}
 */
async function fetchWeights(network, signal) {
  const info = wasm.catalogue().find(({ id }) => id === network);
  if (!info) throw new EngineError('UnknownNetwork', `There is no network called ${network}.`);
  if (!info.weightFile) {
    throw new EngineError('UnknownNetwork', `No weights are shipped for ${info.title}.`);
  }
  const coming = expected.get(network);
  expected.delete(network);
  const early = await coming?.catch(() => null);
  if (early) return early;
  arriving = new Tally((progress) => tell({ type: 'progress', progress }));
  return download(`models/${info.weightFile}`, await readPins(signal), info.weightBytes, signal);
}

/**
 * @param {string} file
 * @param {Record<string, import('./downloads.js').Pin>} pins
 * @param {number} [bytes] about how many it has
 * @param {AbortSignal} [signal]
 * @returns {Promise<Weights>}
 */
async function download(file, pins, bytes = 0, signal) {
  const tally = arriving;
  const weights = await fetchPinned(
    at(file),
    pins[file],
    (loaded, total, cached) => tally.report(file, loaded, total ?? (bytes || null), cached),
    signal,
  );
  // Browsers give no digests to pages served over plain http.
  return { bytes: weights, checked: Boolean(pins[file] && globalThis.crypto?.subtle) };
}

/** @param {AbortSignal} [signal] @returns {Promise<Record<string, import('./downloads.js').Pin>>} */
async function readPins(signal) {
  try {
    return await (await fetchFresh(at('assets.json'), signal)).json();
  } catch (error) {
    signal?.throwIfAborted();
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
        explore: new URL('../wasm/explore/foolscope_bg.wasm', import.meta.url),
        gpu: new URL('../wasm/gpu/foolscope_bg.wasm', import.meta.url),
      }
    : {
        cpu: new URL('../wasm/cpu/foolscope_simd128.wasm', import.meta.url),
        explore: new URL('../wasm/explore/foolscope_simd128.wasm', import.meta.url),
        gpu: new URL('../wasm/gpu/foolscope_simd128.wasm', import.meta.url),
      };

/** The core's modules that are there, each with classes of its own. */
const loaded = [wasm];

/**
 * Downloads and starts one of the core's other modules, which nobody waits for at first.
 * @param {'explore' | 'gpu'} name
 * @param {() => Promise<unknown>} glue its JavaScript
 * @param {string} missing what to say where that does not arrive
 */
async function another(name, glue, missing) {
  const beside = (/** @type {number} */ loaded, /** @type {number | null} */ total) =>
    tell({ type: 'progress', progress: { stage: 'beside', loaded, total } });
  const lost = (/** @type {unknown} */ cause) => {
    if (asError(cause).name === 'NotSupported') throw cause;
    throw new EngineError('DownloadFailed', missing, { cause });
  };
  const opened = /** @type {typeof wasm} */ (await glue().catch(lost));
  await startProgram(wasmForThisBrowser()[name], PROGRAM_BYTES[name], beside, (response) =>
    opened.default({ module_or_path: response }),
  ).catch(lost);
  loaded.push(opened);
  return opened;
}

/** @type {import('./classifier.js').Modules} */
const modules = {
  cpu: wasm,
  gpu: () =>
    another(
      'gpu',
      () => import(/* webpackChunkName: "gpu" */ '../wasm/gpu/foolscope.js'),
      'The program for the GPU could not be downloaded.',
    ),
  explore: () =>
    another(
      'explore',
      () => import(/* webpackChunkName: "explore" */ '../wasm/explore/foolscope.js'),
      'The program for this exhibit could not be downloaded.',
    ),
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

/** A perturbation as a network takes it: of its size. @param {string} network @param {number} key */
function keptFor(network, key) {
  const perturbation = kept.get(key);
  if (!perturbation) throw new EngineError('UnknownPerturbation', 'This noise is not loaded.');
  const { values, norm, fitted } = perturbation;
  const info = infoOf(network);
  if (!info || values.length === info.channels * info.side ** 2) return values;
  if (fitted?.network === network) return fitted.values;
  perturbation.fitted = { network, values: wasm.fitPerturbation(network, values, norm) };
  return perturbation.fitted.values;
}

/** @param {string} network */
const infoOf = (network) => wasm.catalogue().find(({ id }) => id === network);

/** @param {Uint8ClampedArray} data */
const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

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

/** @param {Uint8ClampedArray} data */
function isOpaque(data) {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

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

/** @param {Float32Array[]} arrays */
function concatenated(arrays) {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
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

/** Whatever a result holds of typed arrays, to be transferred. @param {object} result @returns {ArrayBuffer[]} */
const arraysIn = (result) =>
  Object.values(result).flatMap((value) =>
    ArrayBuffer.isView(value)
      ? [/** @type {ArrayBuffer} */ (value.buffer)]
      : value && typeof value === 'object'
        ? arraysIn(value)
        : [],
  );

/** @param {...({ buffer: ArrayBufferLike } | null)} arrays */
const buffers = (...arrays) => arrays.flatMap((array) => (array ? [array.buffer] : []));

Comlink.expose(face);

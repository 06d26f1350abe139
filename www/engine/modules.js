/**
 * The core's three programs: the CPU's at once, those of the GPU and of further exhibits
 * when somebody asks for them.
 */
import init, * as wasm from '../wasm/cpu/foolscope.js';
import { compile } from './compile.js';
import { EngineError, asError } from './errors.js';
import { Pool, usualWorkers } from './pool.js';
import { sizeOf } from './pieces.js';
import { startProgram } from './program.js';
import { wasmForThisBrowser } from './programs.js';
import { spawner } from './spawn.js';
import * as words from '../words/engine.js';

/** @import { LoadRequest, WorkerEvent } from './types.js' */

/** Helpers would each hold the network once more: beyond so many bytes of weights there are none. */
const MOST_FOR_HELPERS = 30e6;

export class Modules {
  #tell;
  /** The CPU's, compiled, for helpers. @type {WebAssembly.Module | null} */
  #compiled = null;
  /** Those that are there, each with classes of its own. */
  #loaded = [wasm];
  /** What was brought: cards by id. @type {Map<string, string>} */
  #cards = new Map();
  cpu = wasm;
  /** Their names hold a hash of what is in them. */
  build = Object.values(wasmForThisBrowser())
    .map(({ pathname }) => pathname.split('/').pop())
    .join(' ');

  /** @param {(event: WorkerEvent) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** The CPU's. @param {(loaded: number, total: number | null) => void} report */
  start(report) {
    return startProgram(wasmForThisBrowser().cpu, PROGRAM_BYTES.cpu, report, async (response) => {
      this.#compiled = await compile(response);
      await init({ module_or_path: this.#compiled });
    });
  }

  async gpu() {
    if (PROGRAM_BYTES.gpu === null) throw new Error(words.GPU_PROGRAM_LATER);
    return this.#another(
      'gpu',
      () => import(/* webpackChunkName: "gpu" */ '../wasm/gpu/foolscope.js'),
      words.GPU_PROGRAM,
    );
  }

  explore() {
    return this.#another(
      'explore',
      () => import(/* webpackChunkName: "explore" */ '../wasm/explore/foolscope.js'),
      words.EXHIBIT_PROGRAM,
    );
  }

  /**
   * Makes a network that was brought known to all modules, also to those that come later.
   * @param {string} id
   * @param {string} card what its file says beside the weights
   */
  bring(id, card) {
    const info = wasm.bring(id, card);
    for (const module of this.#loaded) if (module !== wasm) module.bring(id, card);
    this.#cards.set(id, card);
    return info;
  }

  /** @param {LoadRequest} request @param {Uint8Array | Blob} weights */
  helpers({ network, inject, workers }, weights) {
    const module = /** @type {WebAssembly.Module} */ (this.#compiled);
    const large = sizeOf(weights) > MOST_FOR_HELPERS;
    return new Pool({
      spawn: spawner({ module, network, weights, inject, card: this.#cards.get(network) ?? null }),
      workers: large ? 1 : (workers ?? usualWorkers(navigator)),
      changed: (count) => this.#tell({ type: 'workers', workers: count }),
    });
  }

  /** Whose a session is: a module takes only what is its own. @param {wasm.Session} session */
  ownerOf(session) {
    return this.#loaded.find((module) => session instanceof module.Session) ?? wasm;
  }

  /**
   * Downloads and starts one that nobody waits for at first.
   * @param {'explore' | 'gpu'} name
   * @param {() => Promise<unknown>} glue its JavaScript
   * @param {string} missing what to say where that does not arrive
   */
  async #another(name, glue, missing) {
    const beside = (/** @type {number} */ loaded, /** @type {number | null} */ total) =>
      this.#tell({ type: 'progress', progress: { stage: 'beside', loaded, total } });
    const lost = (/** @type {unknown} */ cause) => {
      if (['NotSupported', 'DownloadCorrupted'].includes(asError(cause).name)) throw cause;
      throw new EngineError('DownloadFailed', missing, { cause });
    };
    const opened = /** @type {typeof wasm} */ (await glue().catch(lost));
    await startProgram(wasmForThisBrowser()[name], PROGRAM_BYTES[name], beside, (response) =>
      opened.default({ module_or_path: response }),
    ).catch(lost);
    for (const [id, card] of this.#cards) opened.bring(id, card);
    this.#loaded.push(opened);
    return opened;
  }
}

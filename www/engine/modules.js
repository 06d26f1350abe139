/**
 * The core's three programs: the CPU's at once, those of the GPU and of further exhibits
 * when somebody asks for them.
 */
import init, * as wasm from '../wasm/cpu/foolscope.js';
import { compile } from './compile.js';
import { EngineError, asError } from './errors.js';
import { Pool, usualWorkers } from './pool.js';
import { startProgram } from './program.js';
import { knowsRelaxedSimd } from './relaxed-simd.js';
import { spawner } from './spawn.js';
import * as words from '../words/engine.js';

/** @import { LoadRequest, WorkerEvent } from './types.js' */

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

export class Modules {
  #tell;
  /** The CPU's, compiled, for helpers. @type {WebAssembly.Module | null} */
  #compiled = null;
  /** Those that are there, each with classes of its own. */
  #loaded = [wasm];
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

  gpu() {
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

  /** @param {LoadRequest} request @param {Uint8Array} weights */
  helpers({ network, inject, workers }, weights) {
    const module = /** @type {WebAssembly.Module} */ (this.#compiled);
    return new Pool({
      spawn: spawner({ module, network, weights, inject }),
      workers: workers ?? usualWorkers(navigator),
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
      if (asError(cause).name === 'NotSupported') throw cause;
      throw new EngineError('DownloadFailed', missing, { cause });
    };
    const opened = /** @type {typeof wasm} */ (await glue().catch(lost));
    await startProgram(wasmForThisBrowser()[name], PROGRAM_BYTES[name], beside, (response) =>
      opened.default({ module_or_path: response }),
    ).catch(lost);
    this.#loaded.push(opened);
    return opened;
  }
}

/**
 * What a question costs the worker itself: calls into the wasm, what is made and
 * sent on the GPU, and the worker's own time. It shows what a graphics card would
 * hide and a software adapter would drown: a walk that makes things on the way.
 * Loaded only when somebody asks, before the wasm, whose exports cannot be wrapped
 * once it runs.
 *
 * Own time is what passes inside calls into the wasm, up to the last submit since
 * the count began (all of it where nothing was submitted). All synchronous work
 * happens there, that of the browser's GPU calls too; waiting for the GPU does not.
 */

/** @import { Metered } from './types.js' */

/** Which method counts as what. */
const GPU_CALLS = /** @type {const} */ ([
  ['GPUComputePassEncoder', 'dispatchWorkgroups', 'dispatches'],
  ['GPUComputePassEncoder', 'dispatchWorkgroupsIndirect', 'dispatches'],
  ['GPUQueue', 'submit', 'submits'],
  ['GPUQueue', 'writeBuffer', 'writes'],
  ['GPUDevice', 'createBuffer', 'buffers'],
  ['GPUDevice', 'createBindGroup', 'bindGroups'],
  ['GPUDevice', 'createComputePipeline', 'pipelines'],
  ['GPUDevice', 'createComputePipelineAsync', 'pipelines'],
]);

const nothing = () => ({
  calls: 0,
  dispatches: 0,
  submits: 0,
  writes: 0,
  buffers: 0,
  bindGroups: 0,
  pipelines: 0,
});

export class Meter {
  #counts = nothing();
  /** Calls into the wasm that are running: one may come from within another. */
  #depth = 0;
  /** When the outermost of them began. */
  #entered = 0;
  #busy = 0;
  #busyAtSubmit = 0;
  #now;
  /** @type {Set<WebAssembly.Memory>} */
  #memories = new Set();

  /** @param {() => number} now in milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /**
   * From here on every wasm module and every GPU object of this worker is counted.
   * @param {typeof globalThis} scope
   */
  watch(scope) {
    const { instantiate, instantiateStreaming } = scope.WebAssembly;
    /** @param {any} made an instance, or a module with one */
    const wrapped = (made) => {
      this.wrap(made.instance ?? made);
      return made;
    };
    Object.assign(scope.WebAssembly, {
      instantiate: (/** @type {any} */ source, /** @type {any} */ imports) =>
        instantiate(source, imports).then(wrapped),
      instantiateStreaming: (/** @type {any} */ source, /** @type {any} */ imports) =>
        instantiateStreaming(source, imports).then(wrapped),
    });
    for (const [kind, method, count] of GPU_CALLS) {
      const prototype = /** @type {any} */ (scope)[kind]?.prototype;
      if (!prototype?.[method]) continue;
      const original = prototype[method];
      const meter = this;
      prototype[method] = function (/** @type {unknown[]} */ ...args) {
        const result = original.apply(this, args);
        meter.count(count);
        return result;
      };
    }
  }

  /**
   * An instance's own exports are frozen, so it gets others.
   * @param {WebAssembly.Instance} instance
   */
  wrap(instance) {
    /** @type {Record<string, unknown>} */
    const exports = {};
    for (const [name, value] of Object.entries(instance.exports)) {
      if (value instanceof WebAssembly.Memory) this.#memories.add(value);
      exports[name] = typeof value === 'function' ? this.counted(value) : value;
    }
    Object.defineProperty(instance, 'exports', { value: exports });
  }

  /** @param {Function} call */
  counted(call) {
    return (/** @type {unknown[]} */ ...args) => {
      this.#counts.calls++;
      if (this.#depth++ === 0) this.#entered = this.#now();
      try {
        return call(...args);
      } finally {
        if (--this.#depth === 0) this.#busy += this.#now() - this.#entered;
      }
    };
  }

  /** @param {Exclude<keyof ReturnType<typeof nothing>, 'calls'>} what */
  count(what) {
    this.#counts[what]++;
    if (what !== 'submits') return;
    this.#busyAtSubmit = this.#busy + (this.#depth ? this.#now() - this.#entered : 0);
  }

  /** Everything since the last time, and begins anew. @returns {Metered} */
  read() {
    const milliseconds = this.#counts.submits ? this.#busyAtSubmit : this.#busy;
    const counts = this.#counts;
    this.#counts = nothing();
    this.#busy = 0;
    this.#busyAtSubmit = 0;
    let memory = 0;
    for (const { buffer } of this.#memories) memory += buffer.byteLength;
    return { ...counts, milliseconds, memory, downloaded: downloaded() };
  }
}

/** Bytes of the program's files that this worker has fetched, as they were sent; weights apart. */
function downloaded() {
  const files = /** @type {PerformanceResourceTiming[]} */ (
    performance.getEntriesByType('resource')
  );
  return files
    .filter(({ name }) => !name.endsWith('.safetensors'))
    .reduce((sum, { encodedBodySize = 0 }) => sum + encodedBodySize, 0);
}

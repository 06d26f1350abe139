/** A file that the wasm reads in pieces, so that it need not lie in memory whole. Workers only. */

/** @import { Pieces } from '../wasm/cpu/foolscope.js' */

/**
 * @param {Blob} blob
 * @param {string} [name]
 * @returns {Pieces}
 */
export function piecesOf(blob, name = blob instanceof File ? blob.name : '') {
  // Tests compile this file as a page's, which has no such reader.
  const { FileReaderSync } = /** @type {any} */ (globalThis);
  const reader = new FileReaderSync();
  return {
    name,
    size: blob.size,
    read: (at, length) =>
      new Uint8Array(reader.readAsArrayBuffer(blob.slice(at, Math.min(blob.size, at + length)))),
  };
}

/**
 * A session with a network's weights: bytes of those that are shipped, a file of one that was
 * brought.
 * @template {typeof import('../wasm/cpu/foolscope.js')} Wasm
 * @param {Wasm} module
 * @param {import('../wasm/cpu/foolscope.js').OpenRequest} request
 * @param {Uint8Array | Blob} weights
 */
export const openSession = (module, request, weights) =>
  weights instanceof Blob
    ? module.Session.openFile(request, piecesOf(weights))
    : module.Session.open(request, weights);

/** @param {Uint8Array | Blob} weights */
export const sizeOf = (weights) => (weights instanceof Blob ? weights.size : weights.length);

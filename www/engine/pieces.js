/** A file that the wasm reads in pieces, so that it need not lie in memory whole. Workers only. */

/** @import { Pieces } from '../wasm/cpu/foolscope.js' */

/**
 * Who reads on where the last piece ended is given parts of larger ones: each reading leaves the
 * browser's own garbage behind, and takes its time.
 */
const AHEAD = 8 << 20;

/**
 * @param {Blob} blob
 * @param {string} [name]
 * @returns {Pieces}
 */
export function piecesOf(blob, name = blob instanceof File ? blob.name : '') {
  // Tests compile this file as a page's, which has no such reader.
  const { FileReaderSync } = /** @type {any} */ (globalThis);
  const reader = new FileReaderSync();
  let held = { at: 0, bytes: new Uint8Array() };
  let next = -1;
  return {
    name,
    size: blob.size,
    read(at, length) {
      const end = Math.min(blob.size, at + length);
      if (at < held.at || end > held.at + held.bytes.length) {
        const far = at === next ? Math.max(end, Math.min(blob.size, at + AHEAD)) : end;
        held = { at, bytes: new Uint8Array(reader.readAsArrayBuffer(blob.slice(at, far))) };
      }
      next = end;
      return held.bytes.subarray(at - held.at, end - held.at);
    },
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

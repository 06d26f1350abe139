/**
 * Who is measured. Ours come first; a peer is fetched only when its box is ticked.
 * `downloads` is what its library weighs as sent, in megabytes, weights apart.
 */

/**
 * @typedef {object} Column
 * @property {string} id
 * @property {string} title
 * @property {string} by
 * @property {'cpu' | 'gpu'} kind
 * @property {boolean} own
 * @property {import('./peers/worker.js').Library} [library]
 * @property {string} [backend]
 * @property {number} [workers] at most
 * @property {number} [downloads]
 */

/** @type {Column[]} */
export const COLUMNS = [
  { id: 'cpu-1', title: 'CPU, one worker', by: 'Foolscope', kind: 'cpu', own: true, workers: 1 },
  { id: 'cpu-all', title: 'CPU, all workers', by: 'Foolscope', kind: 'cpu', own: true },
  { id: 'gpu', title: 'GPU', by: 'Foolscope', kind: 'gpu', own: true },
  peer('tensorflow', 'TensorFlow.js', 'wasm', 0.9),
  peer('tensorflow', 'TensorFlow.js', 'webgl', 0.5),
  peer('tensorflow', 'TensorFlow.js', 'webgpu', 0.5),
  peer('onnx', 'onnxruntime-web', 'wasm', 14.3),
  peer('onnx', 'onnxruntime-web', 'webgpu', 26.9),
  peer('jax', 'jax-js', 'wasm', 0.3),
  peer('jax', 'jax-js', 'webgpu', 0.3),
];

/**
 * @param {import('./peers/worker.js').Library} library
 * @param {string} by
 * @param {'wasm' | 'webgl' | 'webgpu'} backend
 * @param {number} downloads
 * @returns {Column}
 */
function peer(library, by, backend, downloads) {
  const title = { wasm: 'wasm', webgl: 'WebGL', webgpu: 'WebGPU' }[backend];
  const kind = backend === 'wasm' ? 'cpu' : 'gpu';
  return { id: `${library}-${backend}`, title, by, kind, own: false, library, backend, downloads };
}

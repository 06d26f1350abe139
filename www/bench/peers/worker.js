/**
 * A peer computes in a worker of its own, as our classifier does: the page stays
 * free, both pay the same way there and back, and a peer that takes too long
 * can be ended. Its library is fetched when it is opened, and not before.
 */
import * as Comlink from 'comlink';
import { isSoftware } from '../../engine/devices.js';
import { NETWORKS } from './networks.js';
import { readWeights } from './weights.js';

/**
 * @typedef {object} Runner
 * @property {(rgba: Uint8ClampedArray) => Promise<Float32Array>} logits
 * @property {(rgba: Uint8ClampedArray, classes: number[]) => Promise<Float32Array>} [gradients]
 *   [K, C, H, W], by pixel values in [0, 1]
 *
 * @typedef {'tensorflow' | 'onnx' | 'jax'} Library
 */

const libraries = {
  tensorflow: () => import('./tensorflow.js'),
  onnx: () => import('./onnx.js'),
  jax: () => import('./jax.js'),
};

/** @type {Runner} */
let runner;
/** @type {import('./networks.js').Network} */
let network;
/** @type {OffscreenCanvasRenderingContext2D} */
let canvas;

/** Wasm memories that the libraries make: they say nothing of them themselves. @type {WebAssembly.Memory[]} */
const memories = [];
watchMemories();

const face = {
  /**
   * @param {Library} library
   * @param {string} backend
   * @param {string} id of the network
   * @param {string} weights where its file lies
   */
  async open(library, backend, id, weights) {
    network = NETWORKS[id]();
    const [{ open }, file] = await Promise.all([
      libraries[library](),
      fetch(weights).then((response) => response.arrayBuffer()),
    ]);
    runner = await open(/** @type {never} */ (backend), network, readWeights(file));
    return { software: await emulated(backend) };
  },

  /** @param {Uint8ClampedArray} rgba */
  logits: (rgba) => runner.logits(rgba),

  /** @param {Uint8ClampedArray} rgba @param {number[]} classes */
  async gradients(rgba, classes) {
    if (!runner.gradients) return null;
    return runner.gradients(rgba, classes);
  },

  /**
   * One frame of a stream, answered; and once more with noise, if there is some.
   * @param {ImageBitmap} frame
   * @param {Float32Array | null} noise [C, H, W], in pixel units
   */
  async frame(frame, noise) {
    const rgba = square(frame);
    await runner.logits(rgba);
    if (noise) await runner.logits(added(rgba, noise));
  },

  /** What was fetched, in bytes as sent, weights apart; and the wasm memory held. */
  cost() {
    const files = /** @type {PerformanceResourceTiming[]} */ (
      performance.getEntriesByType('resource')
    );
    return {
      downloaded: files
        .filter(({ name }) => !name.endsWith('.safetensors'))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      memory: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
    };
  },
};

/** Whether the backend's GPU is only emulated in software. @param {string} backend */
async function emulated(backend) {
  if (backend === 'webgl') {
    const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
    const renderer = gl?.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL;
    const description = renderer ? String(gl?.getParameter(renderer)) : '';
    return isSoftware({ features: new Set(), info: { description } });
  }
  if (backend !== 'webgpu') return false;
  const { gpu } = /** @type {{ gpu?: import('../../engine/devices.js').Gpu }} */ (
    /** @type {unknown} */ (navigator)
  );
  const adapter = await gpu?.requestAdapter();
  return Boolean(adapter && isSoftware(adapter));
}

/** The middle of a frame at the network's size. @param {ImageBitmap} frame */
function square(frame) {
  const [, height, width] = network.input;
  canvas ??= /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  );
  const side = Math.min(frame.width, frame.height);
  const [left, top] = [(frame.width - side) / 2, (frame.height - side) / 2];
  canvas.drawImage(frame, left, top, side, side, 0, 0, width, height);
  frame.close();
  return canvas.getImageData(0, 0, width, height).data;
}

/** @param {Uint8ClampedArray} rgba @param {Float32Array} noise */
function added(rgba, noise) {
  const pixels = rgba.length / 4;
  const sum = rgba.slice();
  for (let c = 0; c < network.input[0]; c++) {
    for (let i = 0; i < pixels; i++) sum[4 * i + c] += 255 * noise[c * pixels + i];
  }
  return sum;
}

function watchMemories() {
  const { Memory, instantiate, instantiateStreaming } = WebAssembly;
  /** @param {any} result an instance, or a module with one */
  const note = (result) => {
    const { exports } = result.instance ?? result;
    memories.push(...Object.values(exports).filter((each) => each instanceof Memory));
    return result;
  };
  Object.assign(WebAssembly, {
    instantiate: (/** @type {any[]} */ ...args) =>
      instantiate(.../** @type {[any]} */ (args)).then(note),
    instantiateStreaming: (/** @type {any[]} */ ...args) =>
      instantiateStreaming(.../** @type {[any]} */ (args)).then(note),
    // Those that a library makes itself and gives to its module.
    Memory: new Proxy(Memory, {
      construct(target, args) {
        const memory = new target(.../** @type {[any]} */ (args));
        memories.push(memory);
        return memory;
      },
    }),
  });
}

/** @typedef {typeof face} PeerFace */

Comlink.expose(face);

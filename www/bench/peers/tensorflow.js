/**
 * TensorFlow.js: the network as its users would write it. An answer uses the
 * fused operations; they have no gradients through ReLU6, so those are taken from
 * the plain ones, all ten classes as one batch, so that one backward pass does.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { normalised } from './weights.js';

/**
 * @import { Network, Convolution, Step } from './networks.js'
 * @import { Tensor } from './weights.js'
 * @typedef {'wasm' | 'webgl' | 'webgpu'} Backend
 */

/** @type {Record<Backend, () => Promise<unknown>>} */
const backends = {
  async wasm() {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const simd = new URL(
      '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
      import.meta.url,
    );
    // It wants to know where three files lie, and takes the one for browsers with SIMD.
    setWasmPaths({
      'tfjs-backend-wasm.wasm': simd.href,
      'tfjs-backend-wasm-simd.wasm': simd.href,
      'tfjs-backend-wasm-threaded-simd.wasm': simd.href,
    });
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  },
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
};

/**
 * @param {Backend} backend
 * @param {Network} network
 * @param {Map<string, Tensor>} weights
 * @returns {Promise<import('./worker.js').Runner>}
 */
export async function open(backend, network, weights) {
  await backends[backend]();
  const works = await tf.setBackend(backend).catch(() => false);
  if (!works) throw new Error(`It finds no ${backend === 'wasm' ? 'wasm' : 'GPU'} here.`);
  const bound = new Map([...weights].map(([name, tensor]) => [name, bind(name, tensor, network)]));
  const get = (/** @type {string} */ name) => {
    const tensor = bound.get(name);
    if (!tensor) throw new Error(`There is no tensor ${name} in the weights.`);
    return tensor;
  };

  /** @param {Uint8ClampedArray} rgba */
  const picture = (rgba) => {
    const [channels, height, width] = network.input;
    const planar = tf.tensor4d(normalised(rgba, network), [1, channels, height, width]);
    return tf.transpose(planar, [0, 2, 3, 1]);
  };
  return {
    async logits(rgba) {
      const logits = tf.tidy(() => walk(network.steps, picture(rgba), get, true));
      const values = /** @type {Float32Array} */ (await logits.data());
      logits.dispose();
      return values;
    },
    async gradients(rgba, classes) {
      const gradients = tf.tidy(() => {
        const batch = tf.tile(picture(rgba), [classes.length, 1, 1, 1]);
        const chosen = tf.oneHot(tf.tensor1d([...classes], 'int32'), network.classes);
        const sum = (/** @type {tf.Tensor} */ x) =>
          tf.sum(tf.mul(walk(network.steps, x, get, false), chosen));
        // By pixel values, not by normalised ones.
        return tf.transpose(tf.div(tf.grad(sum)(batch), network.std), [0, 3, 1, 2]);
      });
      const values = /** @type {Float32Array} */ (await gradients.data());
      gradients.dispose();
      return values;
    },
  };
}

/**
 * From [output, input, h, w] to TensorFlow's [h, w, input, output].
 * @param {string} name
 * @param {Tensor} tensor
 * @param {Network} network
 */
function bind(name, { shape, values }, network) {
  const tensor = tf.tensor(values, shape);
  if (shape.length === 2) return tf.transpose(tensor);
  if (shape.length !== 4) return tensor;
  const step = network.steps.find((step) => 'name' in step && name === `${step.name}.weight`);
  const depthwise = step?.op === 'conv' && step.depthwise;
  return tf.transpose(tensor, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
}

/**
 * @param {Step[]} steps
 * @param {tf.Tensor} input
 * @param {(name: string) => tf.Tensor} get
 * @param {boolean} fused
 */
function walk(steps, input, get, fused) {
  let x = input;
  /** @type {tf.Tensor[]} */
  const kept = [];
  for (const step of steps) {
    switch (step.op) {
      case 'conv':
        x = (fused ? fusedConvolution : convolution)(step, x, get);
        break;
      case 'linear':
        x = tf.add(tf.matMul(x, get(`${step.name}.weight`)), get(`${step.name}.bias`));
        if (step.relu) x = tf.relu(x);
        break;
      case 'maxPool':
        x = tf.maxPool(/** @type {tf.Tensor4D} */ (x), 2, 2, 'valid');
        break;
      case 'globalAverage':
        x = tf.mean(x, [1, 2], true);
        break;
      case 'flatten':
        x = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], -1]);
        break;
      case 'keep':
        kept.push(x);
        break;
      case 'add':
        x = tf.add(x, /** @type {tf.Tensor} */ (kept.pop()));
    }
  }
  return x;
}

/** @param {Convolution} step */
const padding = ({ pad }) => (pad[0] + pad[1] === 0 ? 'valid' : 'same');

/**
 * @param {Convolution} step
 * @param {tf.Tensor} x
 * @param {(name: string) => tf.Tensor} get
 */
function fusedConvolution(step, x, get) {
  const conv = step.depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  return conv({
    x: /** @type {tf.Tensor4D} */ (x),
    filter: /** @type {tf.Tensor4D} */ (get(`${step.name}.weight`)),
    strides: step.stride,
    pad: padding(step),
    bias: get(`${step.name}.bias`),
    activation: step.relu6 ? 'relu6' : 'linear',
  });
}

/**
 * @param {Convolution} step
 * @param {tf.Tensor} x
 * @param {(name: string) => tf.Tensor} get
 */
function convolution(step, x, get) {
  const conv = step.depthwise ? tf.depthwiseConv2d : tf.conv2d;
  const y = conv(
    /** @type {tf.Tensor4D} */ (x),
    /** @type {tf.Tensor4D} */ (get(`${step.name}.weight`)),
    step.stride,
    padding(step),
  );
  const sum = tf.add(y, get(`${step.name}.bias`));
  return step.relu6 ? tf.relu6(sum) : sum;
}

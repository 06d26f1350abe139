/**
 * jax-js, compiled by its `jit`. It counts references: what is passed is used up,
 * unless `.ref` keeps it.
 */
import { blockUntilReady, defaultDevice, grad, init, jit, lax, nn, numpy as np } from '@jax-js/jax';
import { normalised } from './weights.js';

/**
 * @import { Network } from './networks.js'
 * @typedef {Record<string, np.Array>} Parameters
 */

/**
 * @param {'wasm' | 'webgpu'} backend
 * @param {Network} network
 * @param {Map<string, import('./weights.js').Tensor>} weights
 * @returns {Promise<import('./worker.js').Runner>}
 */
export async function open(backend, network, weights) {
  const found = await init(backend);
  if (!found.includes(backend)) throw new Error('It finds no GPU here.');
  defaultDevice(backend);
  /** @type {Parameters} */
  const parameters = {};
  for (const [name, { shape, values }] of weights) {
    parameters[name] = np.array(values, { shape, dtype: np.float32 });
  }
  await blockUntilReady(refs(parameters));
  const forward = jit((/** @type {np.Array} */ x, /** @type {Parameters} */ p) =>
    walk(network, x, p),
  );
  const back = jit(
    grad((/** @type {np.Array} */ x, /** @type {Parameters} */ p, /** @type {np.Array} */ chosen) =>
      np.sum(walk(network, x, p).mul(chosen)),
    ),
  );
  return {
    async logits(rgba) {
      const x = np.array(normalised(rgba, network), { shape: [1, ...network.input] });
      return /** @type {Float32Array} */ (await forward(x, refs(parameters)).data());
    },
    async gradients(rgba, classes) {
      // All classes as one batch, so that one backward pass does.
      const one = normalised(rgba, network);
      const batch = new Float32Array(classes.length * one.length);
      const chosen = new Float32Array(classes.length * network.classes);
      classes.forEach((label, k) => {
        batch.set(one, k * one.length);
        // By pixel values, not by normalised ones.
        chosen[k * network.classes + label] = 1 / network.std;
      });
      const x = np.array(batch, { shape: [classes.length, ...network.input] });
      const picked = np.array(chosen, { shape: [classes.length, network.classes] });
      return /** @type {Float32Array} */ (await back(x, refs(parameters), picked).data());
    },
  };
}

/** @param {Parameters} parameters @returns {Parameters} */
const refs = (parameters) =>
  Object.fromEntries(Object.entries(parameters).map(([name, array]) => [name, array.ref]));

/**
 * Uses up `x` and the parameters.
 * @param {Network} network
 * @param {np.Array} input
 * @param {Parameters} parameters
 */
function walk(network, input, parameters) {
  let x = input;
  /** @type {np.Array[]} */
  const kept = [];
  for (const step of network.steps) {
    switch (step.op) {
      case 'conv': {
        const { name, stride, pad, depthwise, output } = step;
        const bias = parameters[`${name}.bias`].reshape([1, output, 1, 1]);
        x = lax
          .convGeneralDilated(x, parameters[`${name}.weight`], [stride, stride], [pad, pad], {
            featureGroupCount: depthwise ? output : 1,
          })
          .add(bias);
        if (step.relu6) x = nn.relu6(x);
        break;
      }
      case 'linear':
        x = np
          .matmul(x, np.matrixTranspose(parameters[`${step.name}.weight`]))
          .add(parameters[`${step.name}.bias`]);
        if (step.relu) x = nn.relu(x);
        break;
      case 'maxPool': {
        const [n, c, h, w] = x.shape;
        x = np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
        break;
      }
      case 'globalAverage':
        x = np.mean(x, [2, 3]);
        break;
      case 'flatten':
        x = x.reshape([x.shape[0], -1]);
        break;
      case 'keep':
        kept.push(x.ref);
        break;
      case 'add':
        x = x.add(/** @type {np.Array} */ (kept.pop()));
    }
  }
  return x;
}

/** onnxruntime-web: answers only, as it has no gradients in a browser. */
import { onnxModel } from './onnx-model.js';
import { normalised } from './weights.js';

/** Its two builds; each brings the wasm that belongs to it. */
const builds = {
  wasm: () => import('onnxruntime-web/wasm'),
  webgpu: () => import('onnxruntime-web/webgpu'),
};

/**
 * @param {'wasm' | 'webgpu'} backend
 * @param {import('./networks.js').Network} network
 * @param {Map<string, import('./weights.js').Tensor>} weights
 * @returns {Promise<import('./worker.js').Runner>}
 */
export async function open(backend, network, weights) {
  const ort = await builds[backend]();
  ort.env.wasm.numThreads = 1;
  // Else it names every step that it leaves to the CPU.
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(onnxModel(network, weights), {
    executionProviders: [backend],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const [name] = session.outputNames;
  return {
    async logits(rgba) {
      const input = new ort.Tensor('float32', normalised(rgba, network), [1, ...network.input]);
      const { [name]: logits } = await session.run({ input });
      return /** @type {Float32Array} */ (await logits.getData(true));
    },
  };
}

/**
 * The networks that the peers run, as a list of steps that each library turns
 * into operations of its own. Names, shapes and paddings are those of
 * src/classifier/, whose weights files they read. `keep` remembers the value for
 * the next `add`, which is a shortcut.
 */

/**
 * @typedef {object} Convolution
 * @property {'conv'} op
 * @property {string} name
 * @property {number} input channels
 * @property {number} output channels
 * @property {number} kernel
 * @property {number} stride
 * @property {[number, number]} pad before and after, in both directions
 * @property {boolean} depthwise
 * @property {boolean} relu6
 *
 * @typedef {{ op: 'linear', name: string, input: number, output: number, relu: boolean }} Linear
 * @typedef {Convolution | Linear | { op: 'maxPool' } | { op: 'globalAverage' } | { op: 'flatten' }
 *   | { op: 'keep' } | { op: 'add' }} Step
 * @typedef {object} Network
 * @property {[number, number, number]} input channels, height, width
 * @property {number} mean of the input, in [0, 1]
 * @property {number} std
 * @property {number} classes
 * @property {Step[]} steps
 */

/** (repeats, kernel, stride, expansion, output channels) of each stage. */
const STAGES = [
  [1, 3, 1, 1, 16],
  [2, 3, 2, 6, 24],
  [2, 5, 2, 6, 40],
  [3, 3, 2, 6, 80],
  [3, 5, 1, 6, 112],
  [4, 5, 2, 6, 192],
  [1, 3, 1, 6, 320],
];

/** @returns {Network} */
function efficientnetLite0() {
  let channels = 32;
  let index = 0;
  const steps = [conv('_conv_stem', 3, channels, { kernel: 3, stride: 2, relu6: true })];
  for (const [repeats, kernel, stageStride, expansion, output] of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const stride = repeat === 0 ? stageStride : 1;
      steps.push(...block(`_blocks.${index++}`, channels, output, kernel, stride, expansion));
      channels = output;
    }
  }
  steps.push(
    conv('_conv_head', channels, 1280, { relu6: true }),
    { op: 'globalAverage' },
    { op: 'flatten' },
    { op: 'linear', name: '_fc', input: 1280, output: 1000, relu: false },
  );
  return { input: [3, 224, 224], mean: 127 / 255, std: 128 / 255, classes: 1000, steps };
}

/**
 * @param {string} name
 * @param {number} input
 * @param {number} output
 * @param {number} kernel
 * @param {number} stride
 * @param {number} expansion
 * @returns {Step[]}
 */
function block(name, input, output, kernel, stride, expansion) {
  const wide = input * expansion;
  const shortcut = stride === 1 && input === output;
  /** @type {(Step | false)[]} */
  const steps = [
    shortcut && { op: 'keep' },
    expansion !== 1 && conv(`${name}._expand_conv`, input, wide, { relu6: true }),
    conv(`${name}._depthwise_conv`, wide, wide, { kernel, stride, depthwise: true, relu6: true }),
    conv(`${name}._project_conv`, wide, output),
    shortcut && { op: 'add' },
  ];
  return steps.filter((step) => step !== false);
}

/** @returns {Network} */
const lenetMnist = () => ({
  input: [1, 28, 28],
  mean: 0,
  std: 1,
  classes: 10,
  steps: [
    conv('conv1', 1, 20, { kernel: 5, pad: [0, 0] }),
    { op: 'maxPool' },
    conv('conv2', 20, 50, { kernel: 5, pad: [0, 0] }),
    { op: 'maxPool' },
    { op: 'flatten' },
    { op: 'linear', name: 'fc1', input: 800, output: 500, relu: true },
    { op: 'linear', name: 'fc2', input: 500, output: 10, relu: false },
  ],
});

/** @type {Record<string, () => Network>} */
export const NETWORKS = { 'efficientnet-lite0': efficientnetLite0, 'lenet-mnist': lenetMnist };

/**
 * Padded as TensorFlow's SAME does on an even picture, unless told.
 * @param {string} name
 * @param {number} input
 * @param {number} output
 * @param {{ kernel?: number, stride?: number, pad?: [number, number], depthwise?: boolean, relu6?: boolean }} [options]
 * @returns {Step}
 */
function conv(name, input, output, options = {}) {
  const { kernel = 1, stride = 1, depthwise = false, relu6 = false } = options;
  const total = kernel - stride;
  const before = total >> 1;
  const { pad = [before, total - before] } = options;
  return { op: 'conv', name, input, output, kernel, stride, pad, depthwise, relu6 };
}

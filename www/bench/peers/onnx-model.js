/**
 * A network as the bytes of an ONNX file (operator set 13), because
 * onnxruntime-web reads nothing else. Protocol buffers: a field is its number and
 * kind, then a varint, or a length and bytes; the numbers are those of onnx.proto.
 */

/**
 * @import { Network } from './networks.js'
 * @import { Tensor } from './weights.js'
 */

const FLOAT = 1;
const utf8 = new TextEncoder();

/** @param {number} value a whole number, not negative */
function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

/**
 * @param {number} field
 * @param {number} value
 */
const number = (field, value) => new Uint8Array([...varint(field * 8), ...varint(value)]);

/**
 * @param {number} field
 * @param {string | Uint8Array | Uint8Array[]} content a message is its fields
 */
function bytes(field, content) {
  const body =
    typeof content === 'string'
      ? utf8.encode(content)
      : content instanceof Uint8Array
        ? content
        : joined(content);
  return joined([new Uint8Array([...varint(field * 8 + 2), ...varint(body.length)]), body]);
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {string} name
 * @param {number[]} shape
 * @param {Float32Array} values little-endian, as every machine with a browser is
 */
const tensor = (name, shape, values) => [
  ...shape.map((size) => number(1, size)),
  number(2, FLOAT),
  bytes(8, name),
  bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
];

/** @param {string} name @param {number[]} shape */
const valueInfo = (name, shape) => {
  const sizes = shape.map((size) => bytes(1, [number(1, size)]));
  return [bytes(1, name), bytes(2, [bytes(1, [number(1, FLOAT), bytes(2, sizes)])])];
};

/** @param {string} name @param {number | number[]} value one whole number or several */
const attribute = (name, value) =>
  typeof value === 'number'
    ? bytes(5, [bytes(1, name), number(3, value), number(20, 2)])
    : bytes(5, [bytes(1, name), ...value.map((each) => number(8, each)), number(20, 7)]);

/**
 * The model takes `input`, normalised `[1, C, H, W]`, and gives `logits`.
 * @param {Network} network
 * @param {Map<string, Tensor>} weights
 */
export function onnxModel(network, weights) {
  /** @type {Uint8Array[]} */
  const nodes = [];
  /** @type {string[]} */
  const kept = [];
  let value = 'input';
  /**
   * @param {string} operator
   * @param {string[]} inputs
   * @param {Record<string, number | number[]>} [attributes]
   */
  const node = (operator, inputs, attributes = {}) => {
    value = `v${nodes.length}`;
    nodes.push(
      bytes(1, [
        ...inputs.map((name) => bytes(1, name)),
        bytes(2, value),
        bytes(4, operator),
        ...Object.entries(attributes).map(([name, of]) => attribute(name, of)),
      ]),
    );
  };
  /** @param {string} name */
  const parameters = (name) => [`${name}.weight`, `${name}.bias`];

  for (const step of network.steps) {
    switch (step.op) {
      case 'conv':
        node('Conv', [value, ...parameters(step.name)], {
          group: step.depthwise ? step.output : 1,
          kernel_shape: [step.kernel, step.kernel],
          strides: [step.stride, step.stride],
          pads: [step.pad[0], step.pad[0], step.pad[1], step.pad[1]],
        });
        if (step.relu6) node('Clip', [value, 'zero', 'six']);
        break;
      case 'linear':
        node('Gemm', [value, ...parameters(step.name)], { transB: 1 });
        if (step.relu) node('Relu', [value]);
        break;
      case 'maxPool':
        node('MaxPool', [value], { kernel_shape: [2, 2], strides: [2, 2] });
        break;
      case 'globalAverage':
        node('GlobalAveragePool', [value]);
        break;
      case 'flatten':
        node('Flatten', [value]);
        break;
      case 'keep':
        kept.push(value);
        break;
      case 'add':
        node('Add', [value, /** @type {string} */ (kept.pop())]);
    }
  }
  node('Identity', [value]);

  const constants = [
    ...[...weights].map(([name, { shape, values }]) => tensor(name, shape, values)),
    tensor('zero', [], new Float32Array([0])),
    tensor('six', [], new Float32Array([6])),
  ];
  const graph = [
    ...nodes,
    bytes(2, 'network'),
    ...constants.map((constant) => bytes(5, constant)),
    bytes(11, valueInfo('input', [1, ...network.input])),
    bytes(12, valueInfo(value, [1, network.classes])),
  ];
  return joined([number(1, 7), bytes(7, graph), bytes(8, [bytes(1, ''), number(2, 13)])]);
}

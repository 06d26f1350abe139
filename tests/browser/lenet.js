/**
 * A small network for what would be too slow on a GPU made of software:
 * LeNet with random weights, always the same, as a safetensors file.
 */

/** @type {[string, number[]][]} */
const shapes = [
  ['conv1', [20, 1, 5, 5]],
  ['conv2', [50, 20, 5, 5]],
  ['fc1', [500, 800]],
  ['fc2', [10, 500]],
];

/** @returns {Buffer} */
export function randomLenet() {
  const random = uniform(2017);
  /** @type {Record<string, { dtype: "F32", shape: number[], data_offsets: number[] }>} */
  const header = {};
  /** @type {Buffer[]} */
  const data = [];
  let offset = 0;
  const add = (
    /** @type {string} */ name,
    /** @type {number[]} */ shape,
    /** @type {Float32Array} */ values,
  ) => {
    const end = offset + values.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    data.push(Buffer.from(values.buffer));
    offset = end;
  };
  for (const [name, shape] of shapes) {
    const inputs = shape.slice(1).reduce((a, b) => a * b);
    // Keeps the size of the activations from layer to layer (He et al. 2015).
    const scale = Math.sqrt(6 / inputs);
    const weight = Float32Array.from(
      { length: shape[0] * inputs },
      () => scale * (2 * random() - 1),
    );
    add(`${name}.weight`, shape, weight);
    add(`${name}.bias`, [shape[0]], new Float32Array(shape[0]));
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (text.length % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, Buffer.from(text), ...data]);
}

/**
 * Uniform numbers in [0, 1) from a seed (xorshift, 32 bits).
 * @param {number} seed
 */
function uniform(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The shipped weights file (safetensors, 16- or 32-bit floats) as the peers read it. */

/** @typedef {{ shape: number[], values: Float32Array<ArrayBuffer> }} Tensor */

/**
 * @param {ArrayBuffer} file
 * @returns {Map<string, Tensor>}
 */
export function readWeights(file) {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = data_offsets;
    const bytes = file.slice(8 + length + from, 8 + length + to);
    const values = dtype === 'F16' ? halves(new Uint16Array(bytes)) : new Float32Array(bytes);
    tensors.set(name, { shape, values });
  }
  return tensors;
}

/** @param {Uint16Array} bits */
function halves(bits) {
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = bits[i] & 0x8000 ? -1 : 1;
    const exponent = (bits[i] >> 10) & 31;
    const fraction = bits[i] & 1023;
    // Infinities and NaN do not occur: the engine refuses such a file.
    values[i] =
      sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24);
  }
  return values;
}

/**
 * What the network takes: normalised values, planar `[C, H, W]`.
 * @param {Uint8ClampedArray | Uint8Array} rgba
 * @param {import('./networks.js').Network} network
 */
export function normalised(rgba, { input: [channels, height, width], mean, std }) {
  const pixels = height * width;
  const values = new Float32Array(channels * pixels);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i++) values[c * pixels + i] = (rgba[4 * i + c] / 255 - mean) / std;
  }
  return values;
}

/** Pixels and values as the wasm and its callers want them: views, rows, what is to be transferred. */

/** @param {Uint8ClampedArray} data */
export const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** @param {Uint8ClampedArray} data */
export function isOpaque(data) {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

/** Pictures one after the other. @param {Uint8ClampedArray[]} pictures */
export function joined(pictures) {
  const size = pictures.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const picture of pictures) {
    bytes.set(picture, at);
    at += picture.length;
  }
  return bytes;
}

/** @param {Float32Array[]} arrays */
export function concatenated(arrays) {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

/** @param {Uint8Array} bytes */
export const clamped = (bytes) =>
  new Uint8ClampedArray(
    /** @type {ArrayBuffer} */ (bytes.buffer),
    bytes.byteOffset,
    bytes.byteLength,
  );

/** @param {Float32Array} data */
export const floats = (data) => /** @type {Float32Array<ArrayBuffer>} */ (data);

/** Whatever a result holds of typed arrays, to be transferred. @param {object} result @returns {ArrayBuffer[]} */
export const arraysIn = (result) =>
  Object.values(result).flatMap((value) =>
    ArrayBuffer.isView(value)
      ? [/** @type {ArrayBuffer} */ (value.buffer)]
      : value && typeof value === 'object'
        ? arraysIn(value)
        : [],
  );

/** @param {...({ buffer: ArrayBufferLike } | null)} arrays */
export const buffers = (...arrays) => arrays.flatMap((array) => (array ? [array.buffer] : []));

/** Networks among files that were dropped or pasted, told by what is in them. */

/** Whoever brings such a file means a network, also one that cannot be read here. */
const NETWORK =
  /\.(onnx|caffemodel|prototxt|safetensors|pth?|ckpt|h5|keras|pb|tflite|mlmodel|gguf)$/i;

/** Not every system knows what kind of file these are. */
const PICTURE =
  /\.(jpe?g|png|gif|webp|avif|hei[cf]|bmp|tiff?|svg|dng|cr[23]|nef|arw|mp4|mov|npy)$/i;

/**
 * @param {File[]} files
 * @returns {Promise<{ network: File[], others: File[] }>} what belongs to a network: its companions
 *   too; all others
 */
export async function sortNetworks(files) {
  const candidates = files.filter((file) => !isPictureOrNoise(file));
  const are = await Promise.all(candidates.map(isNetwork));
  if (!are.includes(true)) return { network: [], others: files };
  return { network: candidates, others: files.filter((file) => !candidates.includes(file)) };
}

/** @param {File} file */
export const isPictureOrNoise = ({ name, type }) =>
  type.startsWith('image/') || type.startsWith('video/') || PICTURE.test(name);

/** @param {File} file */
async function isNetwork(file) {
  if (NETWORK.test(file.name)) return true;
  try {
    const head = new Uint8Array(await file.slice(0, 128).arrayBuffer());
    // ONNX: the version of its format, then who made it. Safetensors: a length, then JSON.
    const onnx = head[0] === 8 && head[1] >= 1 && head[1] <= 20 && head[2] === 18;
    const tensors = head[7] === 0 && head[6] === 0 && head[8] === 0x7b && head[9] === 0x22;
    // PyTorch: a pickle of a number that is its mark, or a zip file that begins with a pickle.
    const older = head[0] === 0x80 && head[2] === 0x8a && head[3] === 10 && head[4] === 0x6c;
    const newer = head[0] === 0x50 && head[1] === 0x4b && latin1(head).includes('/data.pkl');
    return onnx || tensors || older || newer;
  } catch {
    return false;
  }
}

/** @param {Uint8Array} bytes */
const latin1 = (bytes) => String.fromCharCode(...bytes);

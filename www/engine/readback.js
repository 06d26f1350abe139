/**
 * Whether pixels that are drawn on a canvas come back as they were drawn. Some
 * browsers alter them a little, so that sites cannot tell their visitors apart
 * by them; then a classifier would see another picture than the visitor. Known
 * pixels are drawn and read once; where they differ, pictures are read by way of
 * a video frame, which is copied as it is.
 */

const SIDE = 16;

/** @typedef {'canvas' | 'frame' | 'altered'} Way */

/** @type {Promise<Way> | null} */
let found = null;

/** How pictures are to be read here. @returns {Promise<Way>} */
export const wayToRead = () => (found ??= find());

async function find() {
  const known = pattern();
  if (same(known, await readKnown(known, fromCanvas))) return 'canvas';
  if (same(known, await readKnown(known, fromFrame))) return 'frame';
  return 'altered';
}

/** Every pixel another, all of them opaque: nothing is lost to transparency. */
function pattern() {
  const pixels = new ImageData(SIDE, SIDE);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const step = (at / 4) * 37;
    pixels.data.set([step % 256, (step * 5 + 90) % 256, (step * 11 + 17) % 256, 255], at);
  }
  return pixels;
}

/** @param {ImageData} known @param {(bitmap: ImageBitmap) => Promise<ImageData | null>} read */
async function readKnown(known, read) {
  const bitmap = await createImageBitmap(known);
  try {
    return await read(bitmap);
  } catch {
    return null;
  } finally {
    bitmap.close();
  }
}

/** @param {ImageData} known @param {ImageData | null} read */
const same = (known, read) => known.data.every((value, at) => value === read?.data[at]);

/** @param {ImageBitmap} bitmap @returns {Promise<ImageData | null>} */
async function fromCanvas(bitmap) {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0);
  return context?.getImageData(0, 0, width, height) ?? null;
}

/** The pixels of a bitmap, copied. @param {ImageBitmap} bitmap @returns {Promise<ImageData>} */
export async function fromFrame(bitmap) {
  const frame = new VideoFrame(bitmap, { timestamp: 0 });
  try {
    const { width, height } = bitmap;
    const pixels = new ImageData(width, height);
    await frame.copyTo(pixels.data, { format: 'RGBA', colorSpace: 'srgb' });
    return pixels;
  } finally {
    frame.close();
  }
}

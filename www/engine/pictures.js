/**
 * Pictures as people have them, made into pixels. The size is read from the
 * file's first bytes before anything is decoded: a huge picture would take
 * gigabytes of memory first and fail afterwards. Cutting and resizing to what
 * the classifier sees is the wasm's work.
 */
import { imageSize } from 'image-size';
import { EngineError } from './errors.js';

export const MAX_PIXELS = 64e6;
export const MIN_SIDE = 16;

/** Above this the browser halves a picture while decoding it, to spare memory. */
const COMFORTABLE_PIXELS = 24e6;

/** Enough for the size in any header, a photograph's embedded preview included. */
const HEADER_BYTES = 1 << 20;

/** @import { CameraFrame } from './types.js' */

/**
 * @param {Blob | CameraFrame | ImageData} source
 * @returns {Promise<ImageData>}
 */
export async function readPicture(source) {
  if (source instanceof ImageData) {
    checkSize(source.width, source.height);
    return source;
  }
  const bitmap = source instanceof Blob ? await decode(source) : source;
  try {
    return await readFrame(bitmap);
  } finally {
    bitmap.close();
  }
}

/**
 * The pixels of a camera's frame (or of any bitmap). They are copied: a frame
 * that is drawn on a canvas leaves a decoded copy behind, and Chromium keeps up
 * to half a gigabyte of these.
 * @param {CameraFrame} frame stays open
 * @param {ImageData | null} [room] to be filled, if it has the frame's size
 * @returns {Promise<ImageData>}
 */
export async function readFrame(frame, room = null) {
  const size = sizeAsRgba(frame);
  if (!size) return drawn(frame);
  const { width, height } = size;
  const fits = room?.width === width && room.height === height;
  const pixels = fits && room ? room : new ImageData(width, height);
  await /** @type {VideoFrame} */ (frame).copyTo(pixels.data, RGBA);
  return pixels;
}

/** @type {VideoFrameCopyToOptions} */
const RGBA = { format: 'RGBA', colorSpace: 'srgb' };

/**
 * The size of a frame that the browser can copy as RGBA and as it would show it;
 * null if it cannot. Older browsers do not know the option, and copy the planes.
 * @param {CameraFrame} frame
 */
function sizeAsRgba(frame) {
  if (frame instanceof ImageBitmap || !frame.visibleRect || isBgr(frame) || isTurned(frame)) {
    return null;
  }
  const { width, height } = frame.visibleRect;
  if (width !== frame.displayWidth || height !== frame.displayHeight) return null;
  try {
    return frame.allocationSize(RGBA) === 4 * width * height ? { width, height } : null;
  } catch {
    return null;
  }
}

/** These have as many bytes either way. @param {VideoFrame} frame */
const isBgr = ({ format }) => format === 'BGRA' || format === 'BGRX';

/** @param {VideoFrame & { rotation?: number, flip?: boolean }} frame */
const isTurned = ({ rotation = 0, flip = false }) => rotation !== 0 || flip;

/** @param {CameraFrame} bitmap */
function drawn(bitmap) {
  const { width, height } = sizeOf(bitmap);
  checkSize(width, height);
  const context = contextFor(width, height);
  context.clearRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** @param {CameraFrame} frame */
const sizeOf = (frame) =>
  frame instanceof ImageBitmap ? frame : { width: frame.displayWidth, height: frame.displayHeight };

/** A camera's frames all fit the same canvas; a large one is not kept. */
const KEPT_PIXELS = 2e6;
/** @type {OffscreenCanvas | null} */
let kept = null;

/** @param {number} width @param {number} height */
function contextFor(width, height) {
  const fits = kept?.width === width && kept.height === height;
  const canvas = fits && kept ? kept : new OffscreenCanvas(width, height);
  kept = width * height <= KEPT_PIXELS ? canvas : null;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new EngineError('NotSupported', 'This browser gives no canvas to draw on.');
  return context;
}

/** @param {Blob} blob */
async function decode(blob) {
  const size = await sizeInHeader(blob);
  if (size) checkSize(size.width, size.height);
  /** @type {ImageBitmapOptions} */
  const options = { imageOrientation: 'from-image' };
  if (size && size.width * size.height > COMFORTABLE_PIXELS) {
    // One number only: the other follows, whichever way EXIF turns the picture.
    options.resizeWidth = Math.round((size.turned ? size.height : size.width) / 2);
    options.resizeQuality = 'high';
  }
  try {
    return await createImageBitmap(blob, options);
  } catch (cause) {
    throw new EngineError(
      'NotAPicture',
      'This file is not a picture that the browser can read. Choose a JPEG, PNG, WebP or GIF file.',
      { cause },
    );
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<{ width: number, height: number, turned: boolean } | null>} null if the format is not known
 */
export async function sizeInHeader(blob) {
  try {
    const head = new Uint8Array(await blob.slice(0, HEADER_BYTES).arrayBuffer());
    const { width, height, orientation } = imageSize(head);
    return { width, height, turned: (orientation ?? 1) >= 5 };
  } catch {
    return null; // The browser's decoder has the last word.
  }
}

/** @param {number} width @param {number} height */
export function checkSize(width, height) {
  const size = `${width.toLocaleString('en')} × ${height.toLocaleString('en')} pixels`;
  if (Math.min(width, height) < MIN_SIDE) {
    throw new EngineError(
      'PictureTooSmall',
      `This picture is too small to classify (${size}). Choose one with at least ${MIN_SIDE} pixels on its short side.`,
    );
  }
  if (width * height > MAX_PIXELS) {
    throw new EngineError(
      'PictureTooLarge',
      `This picture is too large (${size}; the limit is ${MAX_PIXELS / 1e6} million). Make it smaller, for example 2,000 pixels wide, and choose it again.`,
    );
  }
}

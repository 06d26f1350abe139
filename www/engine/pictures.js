/**
 * Pictures as people have them, made into pixels. The size is read from the
 * file's first bytes before anything is decoded: a huge picture would take
 * gigabytes of memory first and fail afterwards. Cutting and resizing to what
 * the classifier sees is the wasm's work.
 */
import { imageSize } from 'image-size';
import { EngineError } from './errors.js';
import { whyNoPicture } from './kinds.js';
import { fromFrame, wayToRead } from './readback.js';
import * as words from '../words/engine.js';

/** More than any browser decodes; phones make pictures of 200 million. */
export const MAX_PIXELS = 400e6;
export const MIN_SIDE = 16;

/** Above this the browser makes a picture smaller while decoding it, to spare memory. */
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
    const pixels = await readFrame(bitmap);
    if (source instanceof Blob) checkNotTransparent(pixels);
    return pixels;
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

/** @param {CameraFrame} bitmap @returns {Promise<ImageData>} */
async function drawn(bitmap) {
  const { width, height } = sizeOf(bitmap);
  checkSize(width, height);
  const way = await wayToRead();
  if (way === 'altered') {
    throw new EngineError('NotSupported', words.ALTERED);
  }
  if (way === 'frame') return copied(bitmap, width, height);
  const context = contextFor(width, height);
  context.clearRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** @param {CameraFrame} frame @param {number} width @param {number} height */
async function copied(frame, width, height) {
  if (frame instanceof ImageBitmap) return fromFrame(frame);
  const bitmap = await createImageBitmap(frame, 0, 0, width, height);
  try {
    return await fromFrame(bitmap);
  } finally {
    bitmap.close();
  }
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
  if (!context) throw new EngineError('NotSupported', words.NO_CANVAS);
  return context;
}

/** @param {Blob} blob */
async function decode(blob) {
  const size = await sizeInHeader(blob);
  if (size) checkSize(size.width, size.height);
  /** @type {ImageBitmapOptions} */
  const options = { imageOrientation: 'from-image' };
  const pixels = size ? size.width * size.height : 0;
  if (size && pixels > COMFORTABLE_PIXELS) {
    // One number only: the other follows, whichever way EXIF turns the picture.
    const width = size.turned ? size.height : size.width;
    options.resizeWidth = Math.round(width / Math.ceil(Math.sqrt(pixels / COMFORTABLE_PIXELS)));
    options.resizeQuality = 'high';
  }
  try {
    return await createImageBitmap(blob, options);
  } catch (cause) {
    if (size && pixels > 2 * COMFORTABLE_PIXELS) {
      throw tooLarge(size.width, size.height, words.TOO_MUCH, cause);
    }
    const head = new Uint8Array(
      (await blob
        .slice(0, 512)
        .arrayBuffer()
        .catch(() => null)) ?? [],
    );
    throw new EngineError('NotAPicture', whyNoPicture(head), { cause });
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
    // No picture has no size: these bytes only look like one's.
    if (!(width > 0 && height > 0)) return null;
    return { width, height, turned: (orientation ?? 1) >= 5 };
  } catch {
    return null; // The browser's decoder has the last word.
  }
}

/** @param {number} width @param {number} height */
export function checkSize(width, height) {
  if (Math.min(width, height) < MIN_SIDE) {
    throw new EngineError('PictureTooSmall', words.tooSmall(width, height, MIN_SIDE));
  }
  if (width * height > MAX_PIXELS) {
    throw tooLarge(width, height, words.limitOf(MAX_PIXELS / 1e6));
  }
}

/** @param {number} width @param {number} height @param {string} why @param {unknown} [cause] */
const tooLarge = (width, height, why, cause) =>
  new EngineError('PictureTooLarge', words.tooLarge(width, height, why), { cause });

/** @param {ImageData} pixels */
export function checkNotTransparent({ data }) {
  for (let at = 3; at < data.length; at += 4) if (data[at]) return;
  throw new EngineError('NotAPicture', words.TRANSPARENT);
}

/**
 * What becomes of a picture on its way through files and screens: each trip ends
 * with something that the engine reads as it reads any picture.
 */
import { wayToRead } from '../../engine/readback.js';
import { png } from '../../pictures/download.js';

/**
 * @import { Picture } from '../../engine/types.js'
 * @typedef {'png' | 'jpeg' | 'half' | 'screen'} TripId
 */

/** @type {TripId[]} */
export const TRIPS = ['png', 'jpeg', 'half', 'screen'];

/**
 * @param {TripId} id
 * @param {Picture} picture
 * @param {number} quality of a JPEG, 1 to 100
 * @returns {Promise<Blob | ImageBitmap | null>} null where the browser alters what it writes
 */
export async function travel(id, picture, quality) {
  switch (id) {
    case 'png':
      return pngOf(picture);
    case 'jpeg':
      return (await wayToRead()) === 'canvas' ? jpegOf(picture, quality) : null;
    case 'half':
      return scaledAndBack(picture, 0.5);
    default:
      return scaledAndBack(picture, 1.25);
  }
}

/** @param {Picture} picture */
export const pngOf = async (picture) => new Blob([await png(picture)], { type: 'image/png' });

/** @param {Picture} picture @param {number} quality */
function jpegOf({ rgba, side }, quality) {
  const [canvas, context] = square(side);
  context.putImageData(new ImageData(rgba, side, side), 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: quality / 100 });
}

/** As browsers scale pictures, and once more. @param {Picture} picture @param {number} scale */
async function scaledAndBack({ rgba, side }, scale) {
  const bitmap = await createImageBitmap(new ImageData(rgba, side, side));
  const there = scaled(bitmap, Math.round(side * scale));
  bitmap.close();
  const back = scaled(there, side);
  there.close();
  return back;
}

/** @param {ImageBitmap} bitmap @param {number} side */
function scaled(bitmap, side) {
  const [canvas, context] = square(side);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, side, side);
  return canvas.transferToImageBitmap();
}

/** @param {number} side @returns {[OffscreenCanvas, OffscreenCanvasRenderingContext2D]} */
function square(side) {
  const canvas = new OffscreenCanvas(side, side);
  return [
    canvas,
    /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false })),
  ];
}

/**
 * Words as the pixels that they cover: written on a canvas, so that any script
 * will do for which the browser has letters.
 */

import { pause } from '../../pause.js';

/** @import { Scattered, WordStamp } from '../../engine/types.js' */

export const MOST_LETTERS = 40;

/** Words that are written between two pauses: they take a few milliseconds. */
const AT_ONCE = 8;

/** Sturdy, so that even small words cover something. */
const font = (/** @type {number} */ size) => `700 ${size}px system-ui, sans-serif`;

/** In one line, and not too long. @param {string} text */
export const tidy = (text) =>
  Array.from(text.trim().replace(/\s+/gu, ' ')).slice(0, MOST_LETTERS).join('').trim();

/** @param {string} text @returns {string[]} */
export const split = (text) => text.split(' ').filter(Boolean);

/**
 * @param {string[]} words
 * @param {Scattered['places']} places
 * @param {number} side of the picture, in pixels
 * @returns {Promise<WordStamp[]>} without those that show nothing
 */
export async function stampsOf(words, places, side) {
  const canvas = new OffscreenCanvas(1, 1);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext('2d', { willReadFrequently: true })
  );
  /** @type {WordStamp[]} */
  const stamps = [];
  for (const [at, place] of places.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await pause();
    const word = words[place.word];
    context.font = font(place.size);
    const { width } = context.measureText(word);
    // A word longer than the picture is written smaller.
    const size = place.size * Math.min(1, side / width);
    // Room for it at any angle, and for what letters have above and below their line.
    const room = Math.ceil(Math.hypot(Math.min(width, side), 2 * size)) + 2;
    Object.assign(canvas, { width: room, height: room });
    const [x, y] = [place.x, place.y].map((middle) => Math.round(middle - room / 2));
    context.translate(place.x - x, place.y - y);
    context.rotate((place.degrees * Math.PI) / 180);
    Object.assign(context, { font: font(size), textAlign: 'center', textBaseline: 'middle' });
    context.fillText(word, 0, 0);
    const { data } = context.getImageData(0, 0, room, room);
    const coverage = new Uint8Array(room * room).map((_, at) => data[4 * at + 3]);
    if (coverage.some(Boolean)) stamps.push({ x, y, width: room, coverage });
  }
  return stamps;
}

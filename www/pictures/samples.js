/**
 * What there is to try without a picture of one's own: photographs, and for the
 * small networks what they were trained to tell apart, drawn here.
 */
import { PHOTOS } from '../words/pictures.js';
import { digits } from './drawn/digits.js';
import { things } from './drawn/things.js';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { Picture } from '../engine/types.js'
 *
 * A photograph of the list that comes with the page.
 * @typedef {{ id: string, file: string, small: string, title: string, author: string, licence: string, source: string }} Photo
 *
 * @typedef {object} Drawn
 * @property {string} id
 * @property {string} title
 * @property {number} side
 * @property {number} views there are so many
 * @property {(context: CanvasRenderingContext2D, view: number) => void} draw the first view is the one that is shown
 *
 * @typedef {object} Sample
 * @property {string} id
 * @property {string} title
 * @property {boolean} isPhoto or drawn here
 * @property {string | ImageData} thumbnail its address, or pixels
 * @property {() => URL | ImageData} source
 * @property {(engine: Engine, signal?: AbortSignal) => Promise<Picture[]>} views the whole first
 */

/** @returns {Promise<Photo[]>} */
export async function readPhotos() {
  const response = await fetch('samples/credits.json');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

/** Drawn once. @type {Sample[] | null} */
let drawnDigits = null;
/** @type {Sample[] | null} */
let drawnThings = null;

/** What the networks of CIFAR-10 know among the photographs. */
const CAT = 'chelsea';

/** @param {string} network its id @param {Photo[]} photos @returns {Sample[]} those that are offered */
export function samplesFor(network, photos) {
  if (network.endsWith('-mnist')) return (drawnDigits ??= digits().map(drawn));
  if (network.endsWith('-cifar10')) {
    drawnThings ??= things().map(drawn);
    return [...drawnThings, ...photos.filter(({ id }) => id === CAT).map(photographed)];
  }
  return photos.map(photographed);
}

/** @param {Photo} photo @returns {Sample} */
export function photographed({ id, file, small, title }) {
  const url = new URL(`samples/${file}`, document.baseURI);
  return {
    id,
    title: PHOTOS[id] ?? title,
    isPhoto: true,
    thumbnail: small,
    source: () => url,
    views: (engine, signal) => views(engine, url, signal),
  };
}

/** @param {Drawn} drawn @returns {Sample} */
function drawn({ id, title, side, views, draw }) {
  const context = (/** @type {number} */ view) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
    const context = /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext('2d', { willReadFrequently: true })
    );
    draw(context, view);
    return context;
  };
  const pixels = (/** @type {number} */ view) => context(view).getImageData(0, 0, side, side);
  return {
    id,
    title,
    isPhoto: false,
    thumbnail: pixels(0),
    source: () => pixels(0),
    async views(engine, signal) {
      /** @type {Picture[]} */
      const read = [];
      // One by one: all at once they would be drawn at once.
      for (let view = 0; view < views; view += 1)
        read.push(await engine.loadPicture(pixels(view), { signal }));
      return read;
    },
  };
}

/** Which part of a photograph's width, or height, each further view takes: from where, how much. */
const PARTS = [
  { from: 0, size: 0.8 },
  { from: 1, size: 0.8 },
  { from: 0.5, size: 0.7 },
];

/**
 * A photograph, whole and in parts: near enough to be recognised, and different
 * enough to be other pictures for the classifier.
 * @param {Engine} engine
 * @param {URL} url
 * @param {AbortSignal} [signal]
 */
async function views(engine, url, signal) {
  const whole = await engine.loadPicture(url, { signal });
  const response = await fetch(url, { signal });
  const bitmap = await createImageBitmap(await response.blob());
  const { width, height } = bitmap;
  const parts = await Promise.all(
    PARTS.map(async ({ from, size }) => {
      const side = Math.round(size * Math.min(width, height));
      const [x, y] = [width, height].map((length) => Math.round(from * (length - side)));
      const part = await createImageBitmap(bitmap, x, y, side, side);
      return engine.loadPicture(part, { signal });
    }),
  );
  bitmap.close();
  return [whole, ...parts];
}

/**
 * Handwritten digits, as the networks of MNIST know them, drawn here: the path of
 * a pen on a square of 28 pixels, white on black.
 */
import { handwritten } from '../../words/pictures.js';

/** The pen's path for each digit, as in SVG. */
const PATHS = [
  'M14 5C8.5 5 7.5 10 7.5 14S9 23 14 23s6.5-5 6.5-9S19 5 14 5Z',
  'M14.5 5 13.5 23',
  'M8.5 9.5C9 6.5 11.5 5 14.5 5c3.5 0 5.3 2.5 4.7 5.2C18.3 13.8 12 18 8 22.5H20.5',
  'M8.5 7.5C10 5 18.5 3.8 18.5 8.7c0 3.3-3.5 4.8-6 4.8 2.5 0 7 .7 7 5 0 5.5-9.5 5.5-11.5 2',
  'M9 5.5 8 14.5H20.5M18 5 17 23.5',
  'M19.5 5.5H10.5L9.5 13c2.5-1.8 9.7-2.2 9.7 4 0 6.8-8.2 7.3-11 4',
  'M17.5 5C12 7 8.5 13 9 18c.5 6.2 10.5 6.2 10.5 0 0-5.5-8-5.8-10.2-.5',
  'M7.5 6.5H20.5L12.5 23.5',
  'M14 13.3C9 11.8 9 5 14 5s5 6.8 0 8.3C8 14.9 8 23 14 23s6-8.1 0-9.7Z',
  'M19 9.5C18.5 15 9 15 9 9.5 9 3.8 19 3.5 19 9.5c0 5.5-1 10-3.5 13.5',
];

const ZOOM = 10;
const SIDE = 28;

/** Hands differ: how far the digit leans, how thick the pen is, how large it is written. */
const HANDS = [
  { lean: 0, pen: 2.6, size: 1 },
  { lean: -0.15, pen: 2.2, size: 1 },
  { lean: 0.12, pen: 3, size: 0.95 },
  { lean: -0.08, pen: 2.8, size: 0.9 },
];

/** @typedef {import('../samples.js').Drawn} Drawn */

/** @returns {Drawn[]} */
export const digits = () =>
  PATHS.map((path, digit) => ({
    id: `digit-${digit}`,
    title: handwritten(digit),
    side: SIDE * ZOOM,
    views: HANDS.length,
    draw: (context, view) => write(context, path, HANDS[view]),
  }));

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} path
 * @param {typeof HANDS[number]} hand
 */
function write(context, path, { lean, pen, size }) {
  context.scale(ZOOM, ZOOM);
  context.fillRect(0, 0, SIDE, SIDE);
  // Leaning about the middle.
  context.translate(SIDE / 2, SIDE / 2);
  context.transform(size, 0, lean, size, 0, 0);
  context.translate(-SIDE / 2, -SIDE / 2);
  Object.assign(context, { strokeStyle: 'white', lineWidth: pen, lineCap: 'round' });
  context.lineJoin = 'round';
  context.stroke(new Path2D(path));
}

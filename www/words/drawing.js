/** What is said while somebody draws a digit. */
import { percentInWords } from './common.js';

/** @import { Answer } from '../engine/types.js' */

export const DRAW = 'Draw a digit';
export const NOT_THERE = 'The drawing area could not be downloaded. Try again.';
export const CLOSE = 'Close';
export const UNDO = 'Undo';
export const CLEAR = 'Clear';
export const USE = 'Use this digit';
export const PAD = 'Drawing area, for finger, pen or mouse';
export const SEEN = 'As the network sees it: 28 × 28 pixels';
export const BARS = 'What the classifier says to your digit';
export const EMPTY = 'Draw one digit, as large as you like.';
export const NO_POINTER = 'Without a pointer, close this and choose one of the sample digits.';

/** The file that the drawing becomes; its name stands under the picture. */
export const FILE = 'Your digit';

/** @param {string} network @param {Answer} answer */
export const readText = (network, { top: [first] }) =>
  first.probability >= 0.5
    ? `${network} is ${percentInWords(first.probability)} sure that this is ${first.name}.`
    : `${network} is not sure: its best guess is ${first.name}, at ${percentInWords(first.probability)}.`;

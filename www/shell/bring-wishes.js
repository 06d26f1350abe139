/** What a visitor wants of a network of theirs, as it stands in the form, and what of it cannot be. */
import { WRONG } from '../words/bring.js';

/**
 * @import { ImportAbout, KeepOptions } from '../engine/types.js'
 *
 * @typedef {object} Wishes numbers are as they were typed
 * @property {string} title
 * @property {string} preset its id, or `numbers`; none as long as nothing was proposed or chosen
 * @property {string[]} mean
 * @property {string[]} deviation
 * @property {boolean} blueFirst
 * @property {string} shortSide
 * @property {KeepOptions['names']} names
 * @property {string} text of the names
 * @property {string[]} read the names in it
 *
 * @typedef {'preset' | 'mean' | 'deviation' | 'shortSide' | 'names'} Field
 * @typedef {Partial<Record<Field | 'keep', string>>} Wrong a sentence each; `keep` is of no field
 */

export const NUMBERS = 'numbers';

/** @param {ImportAbout} about @returns {Wishes} */
export const firstWishes = ({ title, channels, shortSide, names }) => ({
  title,
  preset: '',
  mean: Array(channels).fill('127.5'),
  deviation: Array(channels).fill('127.5'),
  blueFirst: false,
  shortSide: String(shortSide),
  names,
  text: '',
  read: [],
});

/** @param {ImportAbout} about @param {Wishes} wishes @returns {KeepOptions} */
export const optionsOf = ({ knowsPixels }, wishes) => ({
  title: wishes.title,
  names: wishes.names,
  namesText: wishes.names === 'text' ? wishes.text : undefined,
  shortSide: numberIn(wishes.shortSide),
  preset: knowsPixels || wishes.preset === NUMBERS ? undefined : wishes.preset,
  pixels:
    !knowsPixels && wishes.preset === NUMBERS
      ? {
          mean: wishes.mean.map(numberIn),
          deviation: wishes.deviation.map(numberIn),
          blueFirst: wishes.blueFirst,
        }
      : undefined,
});

/** What is to be mended first, by field. @param {ImportAbout} about @param {Wishes} wishes @returns {Wrong} */
export function wrongIn({ knowsPixels, side, mostShortSide, classes }, wishes) {
  /** @type {Wrong} */
  const wrong = {};
  if (!knowsPixels && !wishes.preset) wrong.preset = WRONG.preset;
  if (!knowsPixels && wishes.preset === NUMBERS) {
    if (!wishes.mean.every(isFit.mean)) wrong.mean = WRONG.mean;
    if (!wishes.deviation.every(isFit.deviation)) wrong.deviation = WRONG.deviation;
  }
  const shortSide = numberIn(wishes.shortSide);
  if (!Number.isInteger(shortSide) || shortSide < side || shortSide > mostShortSide)
    wrong.shortSide = WRONG.shortSide(side, mostShortSide);
  if (wishes.names === 'text' && !wishes.read.length) wrong.names = WRONG.names(classes);
  return wrong;
}

/** Whether a mean or a deviation can be what was typed. */
export const isFit = {
  mean: (/** @type {string} */ text) => Number.isFinite(numberIn(text)),
  deviation: (/** @type {string} */ text) => isFit.mean(text) && numberIn(text) > 0,
};

/** An empty field holds no number. @param {string} text */
const numberIn = (text) => (text.trim() ? Number(text) : NaN);

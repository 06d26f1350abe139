/** Several noises of one network, side by side, in words. */
import { LANGUAGE, digits } from './common.js';

/** @import { DiversityFound } from '../engine/types.js' */

export const GALLERY = {
  loading: 'Comparing the noises',
  caption:
    'Inner products of the noises, divided by their lengths, without the sign: 1 for the same direction, 0 for none in common.',
  alone: 'One noise alone has nothing to be compared with.',
};

/** @param {string} title @param {number} number */
export const noiseLabel = (title, number) => `Noise ${number}: ${title}`;

/** @param {number | null} product */
export const productText = (product) =>
  product === null ? '–' : Math.abs(product) < 0.0005 ? '0' : Math.abs(product).toFixed(3);

/** @param {number} noises @param {DiversityFound} found */
export function diversitySentence(noises, { mean, largest, dimension, meanOfRandom }) {
  if (mean === null || largest === null) return GALLERY.alone;
  const most = `at most ${digits(largest)}`;
  const random = `random vectors of ${dimension.toLocaleString(LANGUAGE)} dimensions would have ${digits(meanOfRandom)}`;
  return noises === 2
    ? `The inner product of these two noises is ${digits(largest)}; ${random} on average.`
    : `The inner products of these ${noises} noises are ${digits(mean)} on average and ${most}; ${random} on average.`;
}

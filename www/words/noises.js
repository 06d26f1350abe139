/** What is said in Three noises. */
import { count, dimensions } from './common.js';

export const THE_PICTURE = 'The picture';

/** @typedef {'random' | 'semi' | 'exact'} Kind */

/** @type {Record<Kind, string>} */
export const TITLES = { random: 'Random', semi: 'Semi-random', exact: 'Adversarial' };
/** The same on the axis. @type {Record<Kind, string>} */
export const NAMES = { random: 'random', semi: 'semi-random', exact: 'adversarial' };
/** @param {string} title */
export const noiseLabel = (title) => `${title} noise`;

/** How each comes about. @param {Kind} kind @param {number} m @param {number} d */
export const how = (kind, m, d) =>
  ({
    random: 'in a direction drawn by chance',
    semi: `the best of ${dimensions(m)}`,
    exact: `the best of all ${count(d)} dimensions`,
  })[kind];

export const NONE = 'None was found';
export const LOOKING = 'Looking for it';

/**
 * The length of a noise, and where it leads.
 * @template M
 * @param {M} length
 * @param {M} answer
 * @param {M} verdict in a few words
 */
export const lengthText = (length, answer, verdict) => [
  length,
  ' levels long, then ',
  answer,
  ' ',
  verdict,
];

/** @template M @param {M} m */
export const dimensionsOf = (m) => ['Dimensions of the semi-random noise, m: ', m];
/** @param {number} m @param {number} d */
export const ofDimensions = (m, d) => `${count(m)} of ${count(d)}`;

/** What the theorem leads to expect. */
export const EXPECTED = { random: '√d × smallest', semi: '√(d/m) × smallest' };

export const LOOKING_FOR_ALL = 'Looking for the smallest noise of all.';
export const STOPPED = 'Stopped before anything was found.';
export const GO_ON = 'Go on';

// ---- the axis of the lengths

export const AXIS = 'length of the noise, ‖r‖₂ in grey levels';
export const AXIS_TABLE = 'Length of the noises, ‖r‖₂ in grey levels';

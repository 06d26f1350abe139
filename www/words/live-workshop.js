/** What is said where a visitor makes a universal noise, and of what becomes of it. */
import { picturesText } from './common.js';

export const WORKSHOP = {
  title: 'Make your own universal noise',
  about:
    'One noise, learnt from some pictures, that makes the classifier wrong on most of them and on others too. Pictures never leave this device.',
  pictures: 'Pictures to learn from',
  /** @param {number} count @param {string} name of one */
  theSamples: (count, name) => `The ${count} ${name}s`,
  addPhotos: 'Add photos',
  /** @param {number} count */
  grab: (count) => `Grab ${count} webcam frames`,
  remove: 'Remove them',
  atLeastOne: 'Choose at least one picture for it to learn from.',
  make: 'Make the noise',
  howLong: 'About a minute on a CPU; you can stop at any time.',
  own: 'Noises of your own',
  none: 'None yet. They stay in this browser.',
  read: 'Read one from a .npy file',
  otherNetwork: 'Another network sees pictures at another size: add your photos again.',
};

/** @param {string} own @param {string} others '' where there are none */
export const lessonText = (own, others) =>
  others
    ? `It learns from ${own}, and is tried on ${others}, which it does not learn from.`
    : `It learns from ${own}. Nothing is held back to try it on.`;

/** @template M @param {M} name which only a screen reader is told */
export const forget = (name) => ['Forget', name];

/** @param {number} done @param {number} all */
export const grabbingText = (done, all) => `${done} of ${all} frames: show it different things`;
/** @param {number} left */
export const readingText = (left) => `Reading photos, ${left} left`;
export const READING_SAMPLES = 'Reading the samples';
export const SHELVES = { own: 'to learn from', others: 'to try it on' };
/** @param {number} count @param {string} shelf */
export const shelfLabel = (count, shelf) => `${picturesText(count)} ${shelf}`;

export const SIZE = {
  legend: 'How large it may be',
  linf: { title: 'Largest change of a pixel (ℓ∞)', unit: 'of 255 levels' },
  l2: { title: 'Length of the whole noise (ℓ2)', unit: 'levels' },
  xi: 'xi: how large the noise may be',
};
/** @template M @param {M} sign ξ */
export const radius = (sign) => ['Radius ', sign];
/** @param {number} value @param {string} unit */
export const radiusText = (value, unit) => `${value} ${unit}`;

// ---- what becomes of it

export const THIS_NETWORK = 'this network';
export const OPEN_LIVE = 'open Live again';
/** @param {string} network */
export const chooseAgain = (network) => `choose ${network} again`;
/** @param {string} again what to do to see it */
export const finishedEarly = (again) =>
  `Your noise was finished early and kept: ${again} to see it.`;
/** @param {string} network */
export const notBegun = (network) => `Your noise for ${network} was not begun yet: make it again.`;
export const KEPT_AS_GROWN = 'Your noise is kept as far as it had grown.';
/** @param {string} noise @param {string} why */
export const wasNotCounted = (noise, why) => `Whom ${noise} fools was not counted: ${why}`;
export const YOUR_NOISE = 'Your noise';

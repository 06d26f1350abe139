/** What Live's first figure says: picture, noise and sum, in names, numbers and buttons; and its webcam. */
import { digits, LANGUAGE } from './common.js';
import { became } from './live.js';

// ---- the figure

export const FIGURE = {
  equation: 'Picture plus noise equals sum',
  picture: 'Picture',
  noise: 'Noise',
  noNoise: 'No noise yet',
  sum: 'Picture with noise',
  sumBars: 'What the classifier says to the picture with noise',
  /** @param {string} picture */
  sumLabel: (picture) => `${picture}, with noise`,
  invitation: 'Add a noise, and the classifier answers once more, here.',
  finePrint: 'The bars are the exact sum’s; the square shows the saved one.',
  which: 'Which noise',
  compare: 'To compare',
};

export const UNIVERSAL = 'Universal: one for every picture';
export const GROWING = 'Your noise, as it grows';
export const SMALLEST = 'DeepFool: smallest for this picture';
export const SMALLER = 'The smallest found for this picture';

/** What is done with the noise. */
export const DO = {
  add: 'Add the universal noise',
  makeFirst: 'Make a universal noise for it',
  remove: 'Remove noise',
  universal: 'Universal',
  howSmall: 'How small can it be? (DeepFool)',
  deepfool: 'DeepFool',
  smaller: 'Even smaller',
  smallerAgain: 'Look on for a smaller one',
  smallerNote: 'Walks along the boundary between the two answers; stop at any time',
  make: 'Make your own',
  keep: 'Stop and keep',
  cancel: 'Cancel',
};

/** @template M @param {M} sign ξ */
export const strength = (sign) => ['Strength ', sign];
/** What ξ is. @param {'linf' | 'l2'} norm */
export const xi = (norm) =>
  `xi: ${norm === 'linf' ? 'the largest change of any pixel' : 'the length of the noise'}`;
/** @param {number} value @param {'linf' | 'l2'} norm */
export const sizeText = (value, norm) =>
  `${value} ${norm === 'linf' ? 'of 255 levels' : 'levels long'}`;

// ---- the noise in numbers

/**
 * What each number is, and what it means.
 * @typedef {{ name: string, title: string }} Fact
 */

/** @satisfies {Record<string, Fact>} */
export const FACTS = {
  linf: { name: 'Largest change (ℓ∞)', title: 'The l∞ norm, in levels' },
  l2: { name: 'Length (ℓ2)', title: 'The l2 norm, in levels of 255' },
  rho: {
    name: 'Of the picture’s own length (ρ)',
    title: 'l2 norm of the noise, divided by that of the picture',
  },
  iterations: { name: 'Iterations', title: '' },
  gradients: {
    name: 'Gradients',
    title: 'How often the network was walked back for the change of an answer with each pixel',
  },
  stalls: {
    name: 'Stalls that were left',
    title: 'Where the published steps led no further, at a tie or a kink, and it went on otherwise',
  },
  exact: { name: 'The exact sum fools', title: 'As it was computed, in fractions' },
  clipping: { name: 'Clipped to 0–255 it fools', title: 'As a screen shows it' },
  rounding: { name: 'Saved as 8 bits it fools', title: 'As in a file' },
  random: { name: 'Fooled, of all pictures', title: '' },
  rateSaved: {
    name: 'Fooling rate, saved as 8 bits',
    title:
      'Share of the pictures, none of them used to make this noise, whose answer it changes; the sum clipped to black and white and in whole levels, as on this page',
  },
  rateExact: {
    name: 'Fooling rate, exact sum',
    title:
      'Share of the pictures, none of them used to make this noise, whose answer it changes; the sum neither clipped nor rounded, as in the papers',
  },
  randomOthers: {
    name: 'Of the same others, by random noise',
    title: 'Random noise of the same norm',
  },
  randomAll: { name: 'Of all, by random noise', title: 'Random noise of the same norm' },
};

/** @param {number} value */
export const levels255 = (value) => `${digits(value)} of 255`;
/** @param {number} value */
export const levelsText = (value) => `${digits(value)} levels`;
/** @param {number | null} rho */
export const rhoText = (rho) => (rho === null ? 'not defined' : `${digits(rho * 100)}\u00a0%`);
/** @param {boolean} value */
export const yesNo = (value) => (value ? 'yes' : 'no');

export const COUNTING = 'counting';
export const NOT_COUNTED = 'not counted';

/** A noise of the visitor's own, that is finished. */
export const OWN_FACTS = {
  /** @param {string} pictures @returns {Fact} */
  own: (pictures) => ({
    name: 'Fooled, of its own pictures',
    title: `It learnt from ${pictures}`,
  }),
  /** @param {string} pictures @returns {Fact} */
  others: (pictures) => ({ name: 'Fooled, of others', title: `It was tried on ${pictures}` }),
  whoseOwn: 'its own',
  whoseOthers: 'others',
};

/** One that is being made. The name of a class is given where all should become it. */
export const MAKING_FACTS = {
  /** @param {number} count @param {string} pictures @param {string} [target] @returns {Fact} */
  own: (count, pictures, target) => ({
    name: target === undefined ? `Fooled, of its own ${count}` : became(target, `its own ${count}`),
    title: `It learns from ${pictures}; the share of those seen in this pass`,
  }),
  /** @param {number} count @param {string} pictures @param {string} [target] @returns {Fact} */
  others: (count, pictures, target) => ({
    name: target === undefined ? `Fooled, of ${count} others` : became(target, `${count} others`),
    title: `It is tried on ${pictures} after every pass`,
  }),
  /** @type {Fact} */
  random: { name: 'Of the same others, by random noise', title: 'Random noise of the same size' },
};

/** @param {number} gradients at the last gain; 0 before the first @param {number} most */
export const smallerProgress = (gradients, most) => {
  const all = most.toLocaleString(LANGUAGE);
  return gradients
    ? `Looking for a smaller one; this one came after ${gradients} of at most ${all} gradients`
    : `Looking for a smaller one with at most ${all} gradients`;
};

// ---- below the figure

export const IN_THIS_BROWSER = 'The classifier runs in this browser. Nothing is installed.';
export const THE_CPU = 'the CPU';
/** @param {string} name */
export const theGpu = (name) => `the GPU (${name})`;
/** @param {string} network @param {string} where @param {number} milliseconds */
export const answeredBy = (network, where, milliseconds) =>
  `Answered by ${network} on ${where} in ${milliseconds < 1 ? 'under 0.001' : digits(milliseconds / 1000)} s.`;
export const UNCHECKED =
  'Its weights were not checked against the page’s list; they passed the self-test.';
export const USE = { cpu: 'Use the CPU', gpu: 'Use the GPU', auto: 'Use the faster one' };
export const SAVE = 'Save';
export const EMBED = 'Embed';

/** Files to save: what each is, and what must be known to check it elsewhere. */
export const FILE_LABELS = {
  npy: 'The noise, exact (.npy)',
  noise: 'The noise, amplified (.png)',
  sum: 'The picture with noise (.png)',
  picture: 'The picture as the classifier sees it (.png)',
  'picture-npy': 'The same, exact, from 0 to 1 (.npy)',
};
export const NPY_NOTE =
  'Found with this page’s weights, which are 16-bit and folded: added elsewhere, to weights of 32 bits, it may fall just short.';

// ---- what could not be done

export const NOT_READY = 'The classifier is still loading.';
export const WEBCAM_NOT_READY = `${NOT_READY} Press Webcam again in a moment.`;
export const NOISE_NOT_READY = `${NOT_READY} Choose the noise again in a moment.`;
/** @param {string} why a sentence */
export const noiseMissing = (why) => `The universal noise is missing. ${why}`;

// ---- the webcam

export const FILM = {
  mirrored: 'The webcam, mirrored',
  plain: 'The camera',
  frame: 'A webcam frame',
  hidden: 'The webcam was stopped while the page was hidden. Press Webcam to go on.',
};
/** Without a name of its own. @param {number} number */
export const cameraName = (number) => `Camera ${number}`;

/** Why there is no camera, by the name of the browser's error. */
export const NO_CAMERA = {
  none: 'The browser gives this page no camera. Open the page over https or on localhost, or choose a photo.',
  forbidden:
    'The camera was not allowed. Allow it beside the address of this page, then press Webcam again, or choose a photo.',
  missing: 'No camera was found. Connect one and press Webcam again, or choose a photo.',
  busy: 'The camera is in use by another program. Close it there and press Webcam again, or choose a photo.',
  other: 'The camera could not be started. Choose a photo instead.',
};

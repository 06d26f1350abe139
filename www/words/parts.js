/** What the parts say that several exhibits share. */

/** @param {string} label what is drawn @param {string} factor */
export const amplifiedLabel = (label, factor) => `${label}, amplified ${factor} times`;
/** @param {string} factor */
export const amplified = (factor) => `amplified × ${factor}`;

// ---- two pictures in one square

/** What the first of them has, and the second. */
export const TAGS = ['without noise', 'with noise'];
export const COMPARE = 'Compare the sum with the picture';
/** @param {number} percent of its width @param {string} tag */
export const uncovered = (percent, tag) => `${percent} % of the picture ${tag}`;
/** @param {string} tag */
export const pictureWith = (tag) => `Picture ${tag}`;

// ---- where pictures come from

export const SAMPLES = 'Sample pictures';
export const CHOOSE_PHOTO = 'Choose a photo';
export const OR_DROP = 'Or drop or paste a picture anywhere.';
export const PRIVATE = 'Pictures never leave this device.';
export const WEBCAM = 'Webcam';
export const ONLY_A_NOISE =
  'This is a noise, and here a picture is wanted. Open Live and drop the noise there.';

/** Until the network's own name is known. */
export const THE_CLASSIFIER = 'the classifier';

// ---- what was dropped or pasted

export const NOTHING_TO_PASTE =
  'There is no picture to paste. Copy a picture first, then paste it here.';
export const A_LINK =
  'This is a link, and this page fetches nothing from other sites. Save the picture first, then drop the saved file here.';
export const EMPTY_FOLDER = 'There is no file in this folder. Drop one with pictures in it.';
export const NO_FILE = 'This is not a file. Save the picture first, then drop the saved file here.';

/** Names of pictures and noises, and what is said while they are gathered and kept. */

export const OWN_PICTURE = 'Your picture';
export const SITE_PICTURE = 'A picture of this site';
export const NO_SAMPLES = 'The sample photos could not be downloaded. Choose a photo of your own.';

// ---- several files at once

/** @param {number} all */
export const noneReadable = (all) => `None of these ${all} files is a picture that can be shown.`;
export const ONE_AT_A_TIME =
  'One picture is shown at a time: this is the first. To learn from several, open Make your own and drop them there.';
/** @param {number} all */
export const firstShown = (all) => `The first picture among these ${all} files is shown.`;
/** @param {string} names */
export const leftOut = (names) => `Left out: ${names}.`;
/** @param {string[]} names @param {number} rest files that are not named; Infinity where they were not counted */
export const someNames = (names, rest) =>
  rest ? `${names.join(', ')} and ${rest === Infinity ? 'many' : rest} more` : names.join(', ');

// ---- pictures to learn from

/** @param {number} missing @param {number} all */
export const samplesMissing = (missing, all) =>
  `${missing} of the ${all} samples could not be downloaded; the others are here.`;
/** @param {number} most */
export const enoughPhotos = (most) => `${most} photos are enough: the others were left out.`;
/** @param {number} added @param {number} all */
export const photosAdded = (added, all) =>
  added
    ? `Of ${all} files ${added} ${added === 1 ? 'was' : 'were'} added.`
    : `None of these ${all} files could be added.`;

/** What pictures to learn from are called, one of them. */
export const PHOTO = 'photo';
export const FRAME = 'webcam frame';
export const SAMPLE_PHOTO = 'sample photo';
export const SAMPLE_PICTURE = 'sample picture';

/** @param {number} count @param {string} name */
export const several = (count, name) => (count ? `${count} ${name}${count === 1 ? '' : 's'}` : '');
/** @param {number} views @param {number} count @param {string} name */
export const viewsOf = (views, count, name) => `${views} views of ${several(count, name)}`;
/** Those that are not learnt from. @param {string} name */
export const other = (name) => `other ${name}`;
/** @param {number} count */
export const framesBetween = (count) => `${several(count, FRAME)} from in between`;

/** @param {(string | number)[]} parts those that are empty are left out */
export function listed(parts) {
  const [last, ...before] = parts.filter(Boolean).reverse();
  if (!before.length) return String(last ?? '');
  return `${before.reverse().join(', ')} and ${last}`;
}

// ---- noises

export const RANDOM_NOISE = 'Random noise of the same size';
/** @param {string} pictures */
export const noiseFrom = (pictures) => `From ${pictures}`;
export const STORAGE_FULL =
  'The storage of this browser is full, so this noise will be gone when the page is closed: save it as a file, or make room.';
export const NOTHING_KEPT =
  'This browser keeps nothing for this page, so this noise will be gone when the page is closed: save it as a file.';

// ---- samples that are drawn here

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
/** @param {number} digit */
export const handwritten = (digit) => `A handwritten ${DIGITS[digit]}`;

/** By id. */
export const THINGS = {
  airplane: 'An aeroplane, drawn',
  automobile: 'A car, drawn',
  bird: 'A bird, drawn',
  deer: 'A deer, drawn',
  dog: 'A dog, drawn',
  frog: 'A frog, drawn',
  horse: 'A horse, drawn',
  ship: 'A ship, drawn',
  truck: 'A lorry, drawn',
};

/** After a reload, or from a link. */
export const OWN_GONE = 'A picture of one’s own is not kept by this page, so here is a sample.';

/** Titles of the sample photos. @type {Record<string, string>} */
export const PHOTOS = {
  coffee: 'A cup of coffee',
  chelsea: 'Chelsea the cat',
  rocket: 'Launch of DSCOVR on a Falcon 9',
  astronaut: 'The astronaut Eileen Collins',
  motorcycle_left: 'A motorcycle (left picture of a stereo pair)',
  china: 'A temple in China',
  flower: 'A flower',
  grace_hopper: 'Grace Hopper',
};

/**
 * Which pictures a noise is made from, and which it is only tried on. A rate on
 * pictures that it learnt from says little; so some are always held back.
 */

/** Grabbed frames, and uploaded photos where there is nothing else to try on: every fourth is held back. */
const HELD_BACK = 4;

/**
 * @template P
 * @typedef {object} Lesson
 * @property {P[]} own
 * @property {P[]} others
 * @property {string} ownText what they are
 * @property {string} othersText
 */

/**
 * @template P
 * @param {{ samples: P[], photos: P[], frames: P[] }} pictures
 * @param {boolean} fromSamples whether it learns from the samples too
 * @returns {Lesson<P>}
 */
export function plan({ samples, photos, frames }, fromSamples) {
  const film = parted(frames);
  if (!fromSamples) {
    return {
      own: [...photos, ...film.own],
      others: [...samples, ...film.others],
      ownText: listed([several(photos, 'photo'), several(film.own, 'webcam frame')]),
      othersText: listed([several(samples, 'sample photo'), inBetween(film.others)]),
    };
  }
  const album = parted(photos);
  // Samples are held back only where nothing else is.
  const enough = album.others.length + film.others.length > 0;
  const shown = enough ? { own: samples, others: [] } : parted(samples);
  return {
    own: [...shown.own, ...album.own, ...film.own],
    others: [...shown.others, ...album.others, ...film.others],
    ownText: listed([
      several(shown.own, 'sample photo'),
      several(album.own, 'photo'),
      several(film.own, 'webcam frame'),
    ]),
    othersText: listed([
      several(shown.others, 'sample photo'),
      several(album.others, 'photo'),
      inBetween(film.others),
    ]),
  };
}

/** How many frames have to be grabbed for so many to learn from. @param {number} count */
export const framesFor = (count) => Math.ceil((count * HELD_BACK) / (HELD_BACK - 1));

/** What a CPU does in about a minute: so many answers. A gradient takes as long as one more. */
const MINUTE = 1280;

/**
 * How many passes take about a minute: in each, every picture to learn from
 * needs an answer and a gradient, and every other one an answer.
 * @param {{ own: unknown[], others: unknown[] }} lesson
 */
export const passesFor = ({ own, others }) =>
  Math.max(1, Math.round(MINUTE / (2 * own.length + others.length)));

/**
 * @template P
 * @param {P[]} pictures
 */
function parted(pictures) {
  const isHeldBack = (/** @type {P} */ _, /** @type {number} */ index) =>
    index % HELD_BACK === HELD_BACK - 1;
  return {
    own: pictures.filter((picture, index) => !isHeldBack(picture, index)),
    others: pictures.filter(isHeldBack),
  };
}

/** @param {unknown[]} pictures @param {string} name */
const several = ({ length }, name) => (length ? `${length} ${name}${length === 1 ? '' : 's'}` : '');

/** @param {unknown[]} frames */
const inBetween = (frames) => frames.length && `${several(frames, 'webcam frame')} from in between`;

/** @param {(string | number)[]} parts those that are empty are left out */
function listed(parts) {
  const [last, ...before] = parts.filter(Boolean).reverse();
  if (!before.length) return String(last ?? '');
  return `${before.reverse().join(', ')} and ${last}`;
}

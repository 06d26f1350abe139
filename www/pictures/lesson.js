/**
 * Which pictures a noise is made from, and which it is only tried on. A rate on
 * pictures that it learnt from says little, and one on two others not much more:
 * so enough are always held back.
 */
import * as words from '../words/pictures.js';

/** Grabbed frames and photos: every fourth is held back. */
const HELD_BACK = 4;
/** Fewer than this say too little. */
const ENOUGH = 8;

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
 * @param {{ samples: P[][], photos: P[], frames: P[] }} pictures of each sample several views, the whole one first
 * @param {boolean} fromSamples whether it learns from the samples too
 * @param {string} [name] what one sample is called
 * @returns {Lesson<P>}
 */
export function plan({ samples, photos, frames }, fromSamples, name = words.SAMPLE_PHOTO) {
  const film = parted(frames);
  const wholes = samples.map(([whole]) => whole);
  if (!fromSamples) {
    return {
      own: [...photos, ...film.own],
      others: [...wholes, ...film.others],
      ownText: words.listed([several(photos, words.PHOTO), several(film.own, words.FRAME)]),
      othersText: words.listed([several(wholes, name), inBetween(film.others)]),
    };
  }
  const album = parted(photos);
  const others = [...album.others, ...film.others];
  const own = [...album.own, ...film.own];
  const ownTexts = [several(album.own, words.PHOTO), several(film.own, words.FRAME)];
  const othersTexts = [several(album.others, words.PHOTO), inBetween(film.others)];
  if (others.length >= ENOUGH) {
    return {
      own: [...wholes, ...own],
      others,
      ownText: words.listed([several(wholes, name), ...ownTexts]),
      othersText: words.listed(othersTexts),
    };
  }
  // Every second sample is held back; several views of each make up for their number.
  const even = samples.filter((_, index) => index % 2 === 0);
  const odd = samples.filter((_, index) => index % 2 === 1);
  return {
    own: [...even.flat(), ...own],
    others: [...odd.flat(), ...others],
    ownText: words.listed([views(even, name), ...ownTexts]),
    othersText: words.listed([views(odd, name, true), ...othersTexts]),
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
const several = ({ length }, name) => words.several(length, name);

/** @param {unknown[][]} samples @param {string} name @param {boolean} [others] not those that are learnt from */
function views(samples, name, others = false) {
  const all = samples.flat().length;
  const called = others ? words.other(name) : name;
  return all === samples.length
    ? several(samples, called)
    : words.viewsOf(all, samples.length, called);
}

/** @param {unknown[]} frames */
const inBetween = ({ length }) => length && words.framesBetween(length);

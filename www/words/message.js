/** What is said in Hidden message. */
import { amount, digits, percentInWords } from './common.js';

/**
 * @import { Answer, Found, WordsProgress } from '../engine/types.js'
 * @import { Sentence } from './common.js'
 */

/** Until somebody types others. */
export const USUAL = 'look again';
/** On a picture that has no room for that. */
export const SHORT = 'hi';

export const FIGURE = 'Picture plus words equals sum';
export const PICTURE = 'The picture';
export const CLEAN_BARS = 'What the classifier says to the picture';
export const SUM_BARS = 'What the classifier says to the picture with words';
export const WORDS = 'Words of your own';
export const HIDE = 'Hide them';
export const AGAIN = 'Scatter again';
export const SIZE = 'Size of the letters';
export const sizeText = (/** @type {number} */ percent) => `up to ${percent} %`;
export const sizeInWords = (/** @type {number} */ percent) =>
  `up to ${percent} % of the picture’s height`;
export const MOST = 'At most';
export const mostText = (/** @type {number} */ most) => (most === 1 ? '1 word' : `${most} words`);
export const LENGTH = 'Length, ‖r‖₂';
export const LARGEST = 'Largest change';
export const USED = 'Words used';
export const levels = (/** @type {number} */ value) => `${amount(value)} levels`;
export const ofLevels = (/** @type {number} */ value) =>
  value <= 255 ? `${digits(value)} of 255 levels` : levels(value);
export const MIDDLE = 'Your words, coloured for this picture';
export const NONE_YET = 'No words yet';
export const SUM = 'Picture with words';
export const BEFORE = 'without words';
export const AFTER = 'with words';
export const FOOLED = 'fooled';
export const NOT_FOOLED = 'not fooled';
export const REVEAL = 'Reveal the words';
export const revealed = (/** @type {number} */ factor) => `words × ${digits(factor)}`;
export const STOP = 'Stop';
export const GO_ON = 'Go on';
export const SAVE = 'Save (.png)';
export const SHARE = 'Share';
export const MORE = 'Allow more words';
export const FEWER = 'Fewer words';
export const LARGER = 'Larger letters';
export const STOPPED = 'Stopped before the words had their colours.';
export const BLANK = 'These words show nothing that can be coloured. Type others.';
export const HINT = 'Hover over the sum, or use the arrow keys, to compare it with the picture.';

/** Of the file. @param {string} picture */
export const fileName = (picture) => `foolscope-${picture}-hidden-message.png`;

/** @param {WordsProgress | null} progress @param {number} most */
export const progressText = (progress, most) =>
  progress
    ? `Colouring ${progress.words} of at most ${mostText(most)}: step ${progress.iteration}`
    : 'Scattering the words';

/**
 * @param {object} seen
 * @param {string} seen.network
 * @param {string} seen.text
 * @param {Found} seen.found
 * @param {number} seen.used how many words were coloured
 * @param {Answer} seen.clean
 * @param {Answer} seen.sum as it is saved
 * @returns {Sentence}
 */
export function messageSentence({ network, text, found, used, clean, sum }) {
  const before = { answer: clean.top[0].name, tone: /** @type {const} */ ('clean') };
  const after = { answer: sum.top[0].name, tone: /** @type {const} */ ('fooled') };
  const written = `“${text}” scattered over it, ${mostText(used)} in all`;
  if (sum.top[0].label === clean.top[0].label) {
    if (found.fooled && !found.survivesClipping) {
      return [
        `With ${written}, the exact sum is no longer `,
        before,
        ', but it goes beyond black or white: clipped to what a screen can show, the old answer is back. Allow more words, or make them larger.',
      ];
    }
    if (found.fooled) {
      return [
        `With ${written}, the exact sum is no longer `,
        before,
        ', but the words are so faint that rounding to whole levels, as in every picture shown or saved, wipes them out. Fewer words get stronger colours.',
      ];
    }
    return [
      `All the words were not enough: with ${written}, ${network} still says `,
      before,
      '. Allow more words, or make them larger.',
    ];
  }
  const sure = percentInWords(clean.top[0].probability);
  return [
    ...(clean.top[0].probability >= 0.5
      ? [`${network} was ${sure} sure of `, before]
      : [`${network}’s best guess was `, before, `, at ${sure}`]),
    `. With ${written}, ${amount(found.norms.l2)} levels long and at most ${ofLevels(found.norms.linf)} a pixel${found.norms.linf > 255 ? ', before it is clipped to black and white' : ''}, it says `,
    after,
    '.',
  ];
}

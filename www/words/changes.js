/** What is said in Small changes. */
import { LANGUAGE, digits, percentInWords } from './common.js';

/**
 * @import { Answer, Changed, Moved, MoveProgress, PatchProgress } from '../engine/types.js'
 * @import { Sentence } from './common.js'
 * @typedef {{ x: number, y: number, side: number }} Patch
 *
 * What is known of a change: made by hand, or by a search that ended, that was
 * stopped, or that found none.
 * @typedef {'hand' | 'smallest' | 'stopped' | 'none'} How
 */

export const KINDS = { patch: 'A patch', move: 'A shift, a turn, a zoom' };
export const WHICH = 'Which change';
export const FIGURE = 'The picture, the change, and the changed picture';
export const PICTURE = 'The picture';
export const CLEAN_BARS = 'What the classifier says to the picture';
export const CHANGED_BARS = 'What the classifier says to the changed picture';
export const MIDDLE = {
  patch: 'A patch: drag it',
  move: 'A move: drag the picture under its frame',
};
export const UNDER = { patch: 'The picture under the patch', move: 'The picture under its frame' };
export const CHANGED = { patch: 'Picture with the patch', move: 'Picture, moved' };
export const BEFORE = { patch: 'without the patch', move: 'as it was' };
export const AFTER = { patch: 'with the patch', move: 'moved' };
export const FOOLED = 'fooled';
export const NOT_FOOLED = 'not fooled';
export const SIDE = 'Side';
export const COLOUR = 'Colour';
export const COLOURS = { '000000': 'Black', 808080: 'Grey', ffffff: 'White' };
export const OTHER_COLOUR = 'Another colour';
export const RIGHT = 'To the right';
export const DOWN = 'Down';
export const TURN = 'Turn';
export const ZOOM = 'Zoom';
export const RESET = 'Reset';
export const FIND = { patch: 'Find the smallest patch', move: 'Find the smallest move' };
export const MAY = 'The search may';
export const MAYS = { translation: 'shift', rotation: 'turn', scaling: 'zoom' };
export const EDGE =
  'Where nothing of the picture comes into view, the pixels of its edge are repeated.';
export const KEYS = 'Or with the arrow keys, by one pixel; with Shift, by ten.';
export const STOP = 'Stop';
export const SHARE = 'Share';
export const STAGE = 'Place of the patch';
export const placeText = (/** @type {Patch} */ { x, y }) =>
  `${x} pixels from the left, ${y} from the top`;

const pixels = (/** @type {number} */ value) =>
  `${digits(value)} ${value === 1 ? 'pixel' : 'pixels'}`;

/** @param {number} side @param {number} width of the picture */
export const sideText = (side, width) => `${side} px, ${percentOf((side / width) ** 2)}`;
/** @param {number} side @param {number} width of the picture */
export const sideInWords = (side, width) =>
  `${pixels(side)}, ${percentOf((side / width) ** 2)} of the picture`;
export const shiftText = (/** @type {number} */ value) => `${signed(value)} px`;
export const turnText = (/** @type {number} */ value) => `${signed(value)}°`;
export const zoomText = (/** @type {number} */ scale) =>
  `${Number((100 * scale).toFixed(1))}\u00a0%`;

/** Small ones with one more digit. @param {number} value */
function signed(value) {
  const short = Number(value.toFixed(Math.abs(value) < 1 ? 2 : 1)) || 0;
  return short.toLocaleString(LANGUAGE).replace('-', '−');
}

/** Of small shares, two digits. @param {number} share */
const percentOf = (share) =>
  share < 0.1 ? `${digits(100 * share)}\u00a0%` : `${Math.round(100 * share)}\u00a0%`;

/** @param {PatchProgress | null} progress */
export const patchProgress = (progress) =>
  !progress?.side
    ? 'Looking for the smallest patch'
    : `Trying patches of ${pixels(progress.side)}${progress.best ? `; one of ${progress.best.side} changes the answer` : ''}`;

/** @param {MoveProgress | null} progress */
export const moveProgress = (progress) =>
  !progress?.distance
    ? 'Looking for the smallest move'
    : `Trying moves by ${digits(progress.distance)} pixels${progress.best ? '; one that changes the answer is known' : ''}`;

/**
 * @param {object} seen
 * @param {string} seen.network
 * @param {Answer} seen.clean
 * @param {Changed} seen.changed
 * @param {Patch} seen.patch
 * @param {number} seen.width of the picture
 * @param {How} seen.how
 * @param {number} seen.stride between places that were tried
 * @returns {Sentence}
 */
export function patchSentence({ network, clean, changed, patch, width, how, stride }) {
  const pixels = patch.side === 1 ? 'one pixel' : `${patch.side} × ${patch.side} pixels`;
  const size = `${pixels}, ${percentOf((patch.side / width) ** 2)} of the picture,`;
  if (how === 'none') {
    return [
      'Of the patches of this colour that were tried, from the whole picture down to a pixel, none changes ',
      named(clean, 'clean'),
      '. Try another colour.',
    ];
  }
  if (!fooled(clean, changed)) {
    return [
      `Under a patch of ${size} ${network} still says `,
      named(changed.answer, 'clean'),
      ` (${percentInWords(changed.answer.top[0].probability)}): not fooled.`,
    ];
  }
  const became = [' turns ', named(clean, 'clean'), ' into ', named(changed.answer, 'fooled'), '.'];
  if (how === 'hand') return [`A patch of ${size}`, ...became];
  if (how === 'stopped') {
    return [
      `A patch of ${size}`,
      ...became,
      ' The search was stopped: there may be a smaller one.',
    ];
  }
  return [
    `The smallest patch that was found, ${size}`,
    ...became,
    patch.side > 1
      ? ` One pixel smaller, it changed the answer nowhere${stride > 1 ? `, at places ${stride} pixels apart` : ''}.`
      : '',
  ];
}

/**
 * @param {object} seen
 * @param {string} seen.network
 * @param {Answer} seen.clean
 * @param {Changed} seen.changed
 * @param {Moved} seen.moved
 * @param {How} seen.how
 * @returns {Sentence}
 */
export function moveSentence({ network, clean, changed, moved, how }) {
  const what = moveText(moved);
  if (how === 'none') {
    return [
      'No move that was tried, by up to a quarter of the picture, changes ',
      named(clean, 'clean'),
      ' here.',
    ];
  }
  if (!what) return ['As it is, ', network, ' says ', named(clean, 'clean'), '.'];
  const far = `by ${pixels(changed.distance)} (root mean square)`;
  if (!fooled(clean, changed)) {
    return [
      `${what}, points move ${far}, and ${network} still says `,
      named(changed.answer, 'clean'),
      ` (${percentInWords(changed.answer.top[0].probability)}): not fooled.`,
    ];
  }
  const lead = {
    hand: what,
    smallest: `The smallest move that was found, ${what.toLowerCase()}`,
    stopped: `The smallest move when the search was stopped, ${what.toLowerCase()}`,
  }[how];
  return [
    how === 'hand'
      ? `${lead}, points move ${far}, and `
      : `${lead}, moves points ${far} and turns `,
    named(clean, 'clean'),
    how === 'hand' ? ' turns into ' : ' into ',
    named(changed.answer, 'fooled'),
    '.',
    changed.saved.top[0].label === clean.top[0].label
      ? ' Rounded to whole levels, as pictures are shown and saved, the old answer is back.'
      : '',
  ];
}

/** @param {Moved} moved @returns {string} empty where nothing moves */
function moveText({ right, down, degrees, scale }) {
  const shifts = [
    right ? `${pixels(Math.abs(right))} ${right > 0 ? 'to the right' : 'to the left'}` : '',
    down ? `${pixels(Math.abs(down))} ${down > 0 ? 'down' : 'up'}` : '',
  ].filter(Boolean);
  const parts = [
    shifts.length ? `shifted ${shifts.join(' and ')}` : '',
    degrees
      ? `turned by ${digits(Math.abs(degrees))}° ${degrees > 0 ? 'clockwise' : 'anticlockwise'}`
      : '',
    scale !== 1 ? `zoomed to ${Number((100 * scale).toFixed(1))}\u00a0%` : '',
  ].filter(Boolean);
  const last = parts.pop() ?? '';
  const text = parts.length ? `${parts.join(', ')} and ${last}` : last;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {Answer} clean @param {Changed} changed */
const fooled = (clean, changed) => changed.answer.top[0].label !== clean.top[0].label;

/** @param {Answer} answer @param {'clean' | 'fooled'} tone */
const named = (answer, tone) => ({ answer: answer.top[0].name, tone });

/**
 * A patch, its colour and a move, as they stand in the address. What cannot be
 * understood is as if it were not there; what is too far is brought back.
 */

/**
 * @import { Moved, PatchFound } from '../../engine/types.js'
 * @typedef {NonNullable<PatchFound['patch']>} Patch
 */

/** Mid-grey, in whole levels. */
export const GREY = '808080';

/** Share of the side that a patch has before somebody chooses. */
const USUAL = 0.25;

/** How far a picture may be moved by hand, farther than a search goes: shares of its side, degrees, scales. */
export const REACH = { shift: 0.25, degrees: 45, least: 0.35, most: 1.7 };

/** @type {Moved} */
export const STILL = { right: 0, down: 0, degrees: 0, scale: 1 };

/** @param {number} value @param {number} from @param {number} to */
export const within = (value, from, to) => Math.min(to, Math.max(from, value));

/** @param {Patch} patch @param {number} width of the picture @returns {Patch} in whole pixels, inside */
export function inside({ x, y, side }, width) {
  const whole = within(Math.round(side), 1, width);
  const [left, top] = [x, y].map((start) => within(Math.round(start), 0, width - whole));
  return { x: left, y: top, side: whole };
}

/** @param {string} text @param {number} width of the picture @returns {Patch} */
export function readPatch(text, width) {
  const [x, y, side] = numbers(text, 3) ?? usual(width);
  return inside({ x, y, side }, width);
}

/** @param {number} width */
function usual(width) {
  const side = Math.round(USUAL * width);
  const start = Math.round((width - side) / 2);
  return [start, start, side];
}

/** @param {Patch} patch */
export const writePatch = ({ x, y, side }) => [x, y, side].join(',');

/** @param {string} text @param {number} width of the picture @returns {Moved} */
export function readMove(text, width) {
  const [right, down, degrees, scale] = numbers(text, 4) ?? [0, 0, 0, 1];
  const shift = REACH.shift * width;
  return {
    right: within(right, -shift, shift),
    down: within(down, -shift, shift),
    degrees: within(degrees, -REACH.degrees, REACH.degrees),
    scale: within(scale, REACH.least, REACH.most),
  };
}

/** To a millionth, which no picture shows. @param {Moved} moved */
export const writeMove = ({ right, down, degrees, scale }) =>
  [right, down, degrees, scale].map((value) => Number(value.toFixed(6))).join(',');

/** @param {string} text @param {number} channels @returns {string} */
export function readColour(text, channels) {
  const hex = /^[0-9a-f]{6}$/.test(text) ? text : GREY;
  const [r, g, b] = levels(hex);
  // A grey picture has no other colours.
  return channels === 1 && (r !== g || g !== b) ? GREY : hex;
}

/** From 0 to 1, for the core. @param {string} hex @param {number} channels */
export const asColour = (hex, channels) =>
  levels(hex)
    .slice(0, channels)
    .map((level) => level / 255);

/** @param {string} hex */
const levels = (hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** @param {string} text @param {number} count @returns {number[] | null} */
function numbers(text, count) {
  const found = text.split(',').map((part) => (part.trim() ? Number(part) : NaN));
  return found.length === count && found.every(Number.isFinite) ? found : null;
}

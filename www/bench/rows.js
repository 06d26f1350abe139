/**
 * What is measured, in the order of the table. `limit` is in seconds and counts
 * for one cell: a path that is slow costs no other its turn. `emulated: false`
 * leaves a row out where a GPU is only emulated in software, because it would take
 * minutes there and tell nothing.
 */

/**
 * @typedef {'load' | 'load-bytes' | 'first-forward' | 'first-gradients' | 'first-deepfool' | 'forward'
 *   | 'gradients-10' | 'deepfool-5' | 'universal-640' | 'stream-clean' | 'stream-perturbed' | 'memory'
 *   | 'own-forward' | 'own-gradients-10'} RowId
 *
 * @typedef {object} Row
 * @property {RowId} id
 * @property {string} group heading above it
 * @property {string} title
 * @property {'ms' | 'MB' | 'fps'} unit
 * @property {number} repeats at most
 * @property {number} limit
 * @property {boolean} [emulated]
 */

const FIRST = 'The first of each, shaders included';
const STEADY = 'Once warm';
const STREAM = 'A stream of frames, as from a webcam';
const COST = 'What it takes';

/** @type {Row[]} */
export const ROWS = [
  row('load', 'To begin', 'Start to the first answer, files at hand', 'ms', 3, 120),
  row('load-bytes', 'To begin', 'Program and weights to download', 'MB', 1, 60),
  row('first-forward', FIRST, 'First answer', 'ms', 3, 60),
  row('first-gradients', FIRST, 'First gradients of ten classes', 'ms', 3, 120),
  row('first-deepfool', FIRST, 'First DeepFool', 'ms', 3, 120, false),
  row('forward', STEADY, 'Answer (forward pass)', 'ms', 40, 30),
  row('gradients-10', STEADY, 'Gradients of ten classes', 'ms', 15, 90),
  row('deepfool-5', STEADY, 'DeepFool, five photos', 'ms', 3, 180, false),
  row('universal-640', STEADY, 'Universal noise, 8 photos, 640 gradients', 'ms', 1, 240, false),
  row('stream-clean', STREAM, 'Frames answered', 'fps', 60, 30, false),
  row(
    'stream-perturbed',
    STREAM,
    'Frames answered twice, with and without noise',
    'fps',
    60,
    30,
    false,
  ),
  row('memory', COST, 'Memory', 'MB', 1, 120),
  row('own-forward', COST, 'The worker’s own time, answer', 'ms', 10, 120),
  row('own-gradients-10', COST, 'The worker’s own time, ten gradients', 'ms', 5, 240),
];

/**
 * @param {RowId} id
 * @param {string} group
 * @param {string} title
 * @param {Row['unit']} unit
 * @param {number} repeats
 * @param {number} limit
 * @param {boolean} [emulated]
 * @returns {Row}
 */
function row(id, group, title, unit, repeats, limit, emulated = true) {
  return { id, group, title, unit, repeats, limit, emulated };
}

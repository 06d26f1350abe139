/** A drawn digit is made into a picture as those of MNIST were. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIDE, centreOfMass, fit } from '../../www/pictures/drawn/by-hand.js';

/** @typedef {import('../../www/pictures/drawn/by-hand.js').Stroke} Stroke */

test('wherever and however large it was drawn, it fills 20 pixels in the middle', () => {
  /** @type {Stroke} */
  const tall = [
    [0.1, 0.2],
    [0.2, 0.6],
  ];
  const { scale, x, y } = fit([tall]);
  const [top, bottom] = tall.map((point) => point[1] * scale + y);
  // With the pen, half of which lies beyond each end.
  assert.ok(Math.abs(bottom - top - 17.6) < 1e-9);
  assert.ok(Math.abs((top + bottom) / 2 - SIDE / 2) < 1e-9);
  const [left, right] = tall.map((point) => point[0] * scale + x);
  assert.ok(Math.abs((left + right) / 2 - SIDE / 2) < 1e-9);
  // Its proportions are kept.
  assert.ok(Math.abs((right - left) / (bottom - top) - 0.25) < 1e-9);
});

test('a dot stays small', () => {
  assert.ok(fit([[[0.5, 0.5]]]).scale < 120);
});

test('the centre of mass is that of the light', () => {
  const rgba = new Uint8ClampedArray(4 * 16);
  assert.deepEqual(centreOfMass(rgba, 4), [2, 2]);
  rgba[4 * 1] = 100; // Of the first row the second pixel,
  assert.deepEqual(centreOfMass(rgba, 4), [1.5, 0.5]);
  rgba[4 * 15] = 100; // and as bright, the last of all.
  assert.deepEqual(centreOfMass(rgba, 4), [2.5, 2]);
});

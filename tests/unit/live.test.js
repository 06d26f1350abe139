import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMirror } from '../../www/exhibits/live/camera.js';
import { Rate } from '../../www/exhibits/live/rate.js';
import { Score } from '../../www/exhibits/live/score.js';
import { levelsOf, strengthAt } from '../../www/exhibits/live/scene.js';

test('a picture counts once, with its latest answer', () => {
  const score = new Score();
  score.record('coffee', true);
  score.record('cat', false);
  score.record('coffee', false);
  score.record('cat', true);
  assert.deepEqual([score.fooled, score.seen], [1, 2]);
});

test('the rate is that of the last two seconds', () => {
  const rate = new Rate();
  assert.equal(rate.perSecond, 0);
  for (let time = 0; time <= 5000; time += 100) rate.tick(time);
  assert.equal(Math.round(rate.perSecond), 10);
  for (let time = 5050; time <= 8000; time += 50) rate.tick(time);
  assert.equal(Math.round(rate.perSecond), 20);
});

test('a noise is as it was made at its radius, or in the middle if that is off the scale', () => {
  const noise = (/** @type {'linf' | 'l2'} */ norm, /** @type {number} */ radius) =>
    levelsOf(/** @type {any} */ ({ norm, radius }));
  assert.deepEqual(
    [noise('linf', 10), noise('linf', 20), noise('linf', 51), noise('l2', 2000)],
    [10, 20, 10, 10],
  );
});

test('only a camera that faces its user shows a mirror image', () => {
  assert.equal(isMirror('user', ''), true);
  assert.equal(isMirror('environment', 'camera2 0, facing back'), false);
  assert.equal(isMirror(undefined, 'Integrated Webcam'), true);
  assert.equal(isMirror(undefined, 'camera2 0, facing back'), false);
  assert.equal(isMirror(undefined, 'Feedback cam'), true);
});

test('a setting that was rounded in the address still means the noise as it was made', () => {
  const noise = /** @type {any} */ ({ norm: 'linf', radius: 9.92374 });
  assert.deepEqual(
    [strengthAt(9.92374, noise), strengthAt(9.924, noise), strengthAt(0, noise)],
    [1, 1, 0],
  );
  assert.equal(strengthAt(5, /** @type {any} */ ({ norm: 'linf', radius: 10 })), 0.5);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rate } from '../../www/exhibits/live/rate.js';
import { Score } from '../../www/exhibits/live/score.js';

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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timed } from '../../www/engine/stopwatch.js';

/** Passes that take these milliseconds, in order. @param {number[]} times */
function passes(...times) {
  let asked = 0;
  const pass = async () => times[Math.min(asked++, times.length - 1)];
  return { pass, asked: () => asked };
}

test('the first passes only prepare; of the others it is the median', async () => {
  const { pass } = passes(900, 300, 4, 50, 6, 5, 4);
  assert.equal(await timed(pass), 5);
});

test('a device that is hopeless is not timed to the end', async () => {
  const { pass, asked } = passes(900, 300, 100);
  assert.equal(await timed(pass, 20), 100);
  assert.equal(asked(), 3);
});

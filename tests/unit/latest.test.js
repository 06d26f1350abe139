import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latestOnly } from '../../www/latest.js';

test('of what was asked meanwhile, only the newest is done', async () => {
  /** @type {number[]} */
  const done = [];
  const run = latestOnly(async (/** @type {number} */ value) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    done.push(value);
  });
  run(1);
  run(2);
  run(3);
  await run(4);
  assert.deepEqual(done, [1, 4]);
  await run(5);
  assert.deepEqual(done, [1, 4, 5]);
});

test('a failure is told once, and does not stop what comes after', async () => {
  const run = latestOnly(async (/** @type {boolean} */ fails) => {
    if (fails) throw new Error('no');
  });
  await assert.rejects(run(true));
  await run(false);
});

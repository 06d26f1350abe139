import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from '../../www/engine/tally.js';

test('files that arrive at the same time are one sum', () => {
  /** @type {import('../../www/engine/types.js').Progress[]} */
  const told = [];
  const tally = new Tally((progress) => told.push(progress));
  tally.report('program', 1e6, 2e6);
  tally.report('weights', 2e6, 9e6);
  assert.deepEqual(told.at(-1), {
    ...{ stage: 'download', file: 'program weights' },
    ...{ loaded: 3e6, total: 11e6, cached: false },
  });
});

test('what was kept needs no waiting, and what nobody knows is not guessed', () => {
  const tally = new Tally(() => {});
  tally.report('weights', 9e6, 9e6, true);
  assert.equal(tally.progress.cached, true);
  tally.report('program', 1e6, 2e6);
  assert.deepEqual([tally.progress.loaded, tally.progress.total], [1e6, 2e6]);
  tally.report('other', 5, null);
  assert.equal(tally.progress.total, null);
  // More than was promised is all of it.
  tally.report('other', 3e6, 2e6);
  assert.deepEqual([tally.progress.loaded, tally.progress.total], [4e6, 5e6]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kept } from '../../www/parts/kept.js';

test('what was kept comes back, to who asks for the same', () => {
  const kept = new Kept();
  const value = { found: 1 };
  kept.keep(['noises', 'lenet', 'ship'], value);
  assert.equal(kept.recall(['noises', 'lenet', 'ship']), value);
  assert.equal(kept.recall(['noises', 'lenet ship']), undefined);
  assert.equal(kept.recall(['noises', 'lenet', 'bird']), undefined);
  kept.keep(['noises', 'lenet', 'ship'], { found: 2 });
  assert.deepEqual(kept.recall(['noises', 'lenet', 'ship']), { found: 2 });
});

test('of too many, the one that was not used for longest goes', () => {
  const kept = new Kept(2);
  kept.keep(['a'], 1);
  kept.keep(['b'], 2);
  kept.recall(['a']);
  kept.keep(['c'], 3);
  assert.equal(kept.recall(['a']), 1);
  assert.equal(kept.recall(['b']), undefined);
  assert.equal(kept.recall(['c']), 3);
});

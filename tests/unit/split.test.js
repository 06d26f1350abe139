import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cotangents, evenly, firsts, holdings } from '../../www/engine/split.js';

/** @import { Range } from '../../www/engine/split.js' */

/** Every row once and in order. @param {(Range | null)[]} shares @param {number} rows */
function covers(shares, rows) {
  let next = 0;
  for (const share of shares) {
    if (!share) continue;
    assert.equal(share[0], next);
    assert.ok(share[1] > share[0], 'no share is empty');
    next = share[1];
  }
  assert.equal(next, rows);
}

test('shares are contiguous and as even as can be, the first of the smaller ones', () => {
  assert.deepEqual(evenly(8, 2), [
    [0, 4],
    [4, 8],
  ]);
  assert.deepEqual(evenly(9, 2), [
    [0, 4],
    [4, 9],
  ]);
  for (let workers = 1; workers <= 8; workers += 1) {
    for (let count = workers; count < 30; count += 1) {
      const shares = evenly(count, workers);
      covers(shares, count);
      const sizes = shares.map(([from, to]) => to - from);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      assert.equal(sizes[0], Math.min(...sizes));
    }
  }
});

test('a picture alone is kept by every worker, and its cotangents are shared', () => {
  const kept = holdings(1, 3);
  assert.deepEqual(kept, [
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  assert.deepEqual(firsts(kept), [[0, 1], null, null]);
  assert.deepEqual(cotangents(kept, 10), [
    [0, 3],
    [3, 6],
    [6, 10],
  ]);
  // One cotangent needs nobody else.
  assert.deepEqual(cotangents(kept, 1), [[0, 1], null, null]);
});

test('every row is done once, by a worker who keeps its picture', () => {
  for (let workers = 1; workers <= 8; workers += 1) {
    for (let pictures = 1; pictures <= 12; pictures += 1) {
      const kept = holdings(pictures, workers);
      assert.equal(kept.length, workers);
      covers(firsts(kept), pictures);
      assert.equal(kept[0][0], 0, 'the one that asks keeps the first pictures');
      for (const k of [1, 2, 3, 10]) {
        const rows = cotangents(kept, k);
        assert.equal(rows.length, workers);
        covers(rows, pictures * k);
        for (const [worker, share] of rows.entries()) {
          if (!share) continue;
          assert.ok(Math.floor(share[0] / k) >= kept[worker][0]);
          assert.ok(Math.ceil(share[1] / k) <= kept[worker][1]);
        }
        assert.ok(rows[0], 'the one that asks has something to do');
      }
    }
  }
});

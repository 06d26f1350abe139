/** Where names are written in a section. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeFor } from '../../www/exhibits/geometry/places.js';
import { OWN_PATTERNS, Ranks } from '../../www/exhibits/geometry/ranks.js';

const SIDE = 21;

/** A disc of 1 at (7, 13) in a plane of 0. */
const labels = Array.from({ length: SIDE * SIDE }, (_, index) => {
  const [row, column] = [Math.floor(index / SIDE), index % SIDE];
  return Math.hypot(row - 7, column - 13) <= 5 ? 1 : 0;
});

test('a name lies wholly in its region, as far inside as it can', () => {
  const place = placeFor(labels, SIDE, 1, { columns: 3, rows: 1 });
  assert.ok(place);
  assert.ok(
    Math.abs(place.row - 7) <= 1 && Math.abs(place.column - 13) <= 1,
    JSON.stringify(place),
  );
  const outside = placeFor(labels, SIDE, 0, { columns: 5, rows: 3 });
  assert.ok(outside);
  for (let row = -1; row <= 1; row += 1)
    for (let column = -2; column <= 2; column += 1)
      assert.equal(labels[(outside.row + row) * SIDE + outside.column + column], 0);
});

test('where there is no room, or it is taken, there is no name', () => {
  assert.equal(placeFor(labels, SIDE, 1, { columns: 15, rows: 1 }), null);
  assert.equal(placeFor(labels, SIDE, 7, { columns: 1, rows: 1 }), null);
  const place = placeFor(labels, SIDE, 1, { columns: 3, rows: 1 }, (row) => row === 7);
  assert.ok(place && Math.abs(place.row - 7) > 1);
});

test('a class that was seen keeps its pattern, and late ones share the last', () => {
  const ranks = new Ranks();
  ranks.see([{ label: 4 }, { label: 2 }]);
  ranks.see([{ label: 4 }, { label: 9 }, { label: 2 }]);
  assert.deepEqual(
    [4, 2, 9].map((label) => ranks.of(label)),
    [0, 1, 2],
  );
  ranks.see(Array.from({ length: 20 }, (_, label) => ({ label: 100 + label })));
  assert.equal(ranks.of(104), OWN_PATTERNS - 1);
  assert.equal(ranks.of(105), OWN_PATTERNS);
  assert.equal(ranks.of(12345), OWN_PATTERNS);
});

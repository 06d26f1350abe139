/** How the files of `lab tables` become tables that can be sorted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { madeOf } from '../../www/exhibits/results/made-of.js';
import { pivot, sorted } from '../../www/exhibits/results/table.js';

const entry = { network: 'a', title: 'A', machine: 'm', seconds: 2, seed: 0 };
const file = {
  entries: [
    { ...entry, measure: 'rate, 1', value: 0.5, low: 0.4, high: 0.6, count: 10, command: 'lab x' },
    { ...entry, measure: 'size, 1', value: 3, count: 10, command: 'lab x' },
    { ...entry, measure: 'rate, 2', value: null, command: 'lab y ../elsewhere/data/set' },
  ],
  published: [{ network: 'B', measure: 'rate, 1', value: 0.9, source: 'somewhere' }],
};
/** @type {import('../../www/exhibits/results/table.js').Split} */
const split = (measure) => {
  const [column, round] = measure.split(', ');
  return { column, number: { round: Number(round) } };
};

test('a row has all measures of a network, and what is not there is left out', () => {
  const rows = pivot(file, split);
  assert.deepEqual(
    rows.map(({ kind, text }) => [kind, text.network]),
    [
      ['measured', 'A'],
      ['published', 'B'],
    ],
  );
  const { cells } = rows[0];
  assert.deepEqual([cells.rate.value, cells.rate.low, cells.size.value], [0.5, 0.4, 3]);
  assert.deepEqual([cells.round.value, cells.pictures.value], [1, 10]);
});

test('rows are sorted by numbers as numbers, with what is missing last both ways', () => {
  const rows = [10, 9, undefined, 100].map((value) => ({
    kind: 'measured',
    text: { network: `n${value}` },
    cells: /** @type {Record<string, { value: number }>} */ (
      value === undefined ? {} : { rate: { value } }
    ),
  }));
  const order = (/** @type {boolean} */ descending) =>
    sorted(rows, 'rate', descending).map(({ cells }) => cells.rate?.value);
  assert.deepEqual(order(false), [9, 10, 100, undefined]);
  assert.deepEqual(order(true), [100, 10, 9, undefined]);
  assert.deepEqual(
    sorted(rows, 'network', false).map(({ text }) => text.network),
    ['n9', 'n10', 'n100', 'nundefined'],
  );
});

test('each command once, with folders that anybody has', () => {
  assert.deepEqual(
    madeOf(file).map(({ command }) => command),
    ['lab x', 'lab y data/set'],
  );
});

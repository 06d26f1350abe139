/** What www/results/peers.json says of other programs follows from what it says of each picture. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const peers = JSON.parse(
  await readFile(new URL('../../www/results/peers.json', import.meta.url), 'utf8'),
);

/** @typedef {{ norm: 'l2' | 'linf', by: string, method: string, steps: number, l2: (number | null)[], linf: (number | null)[], gradients: (number | null)[], seconds: (number | null)[], fooled: (boolean | null)[], survivesRounding: (boolean | null)[] }} Run */

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** @param {number[]} values */
function median(values) {
  const [from, to] = [Math.floor, Math.ceil].map((round) => round((values.length - 1) / 2));
  const inOrder = values.toSorted((a, b) => a - b);
  return (inOrder[from] + inOrder[to]) / 2;
}

/** @param {Run} run */
const name = ({ norm, by, method, steps }) => [norm, by, method, steps].join(', ');

/** Of the first so many pictures, or of all. @param {(number | boolean | null)[]} values @param {number} [first] */
const known = (values, first = Infinity) =>
  values.flatMap((value, at) => (value === null || at >= first ? [] : Number(value)));

/** The norms of those that were fooled. @param {Run} run @param {number} [first] of so many */
const norms = (run, first) =>
  known(
    run[run.norm].map((it, at) => run.fooled[at] && it),
    first,
  ).filter(Boolean);

/** @param {number} value @param {number} expected @param {string} of */
const isAbout = (value, expected, of) =>
  assert.ok(Math.abs(value - expected) <= 1e-3 * Math.max(1, expected), `${of}: ${value}`);

test('universal noises of other programs are of the same pictures as ours', async () => {
  const file = new URL('../../www/results/universal-peers.json', import.meta.url);
  const { entries } = JSON.parse(await readFile(file, 'utf8'));
  const rowOf = (/** @type {{ measure: string }} */ { measure }) =>
    measure.slice(measure.indexOf(', ') + 2);
  const rows = new Set(entries.map(rowOf));
  for (const norm of ['linf', 'l2'])
    for (const way of ['ART, original', 'lab, original', 'lab, stochastic'])
      assert.ok(
        [...rows].some((row) => row.startsWith(`${norm}, ${way}, `)),
        `${norm}, ${way}`,
      );
  for (const row of rows) {
    const of = (/** @type {string} */ what) =>
      entries.find(
        (/** @type {{ measure: string }} */ { measure }) => measure === `${what}, ${row}`,
      );
    assert.equal(of('fooling rate on own').count, Number(row.split(', ').at(-1)), row);
    assert.equal(of('fooling rate on others').count, 200, row);
    for (const what of ['fooling rate on own', 'fooling rate on others']) {
      const { value, low, high } = of(what);
      assert.ok(0 <= low && low <= value && value <= high && high <= 1, `${what}, ${row}`);
    }
    assert.ok(of('gradients').value > 0 && of('seconds').value > 0, row);
  }
});

test('each row is of a run, and its figures are those of the pictures', () => {
  let rows = 0;
  for (const run of /** @type {Run[]} */ (peers.runs)) {
    for (const key of /** @type {const} */ (['l2', 'linf', 'gradients', 'seconds', 'fooled']))
      assert.equal(run[key].length, peers.pictures.length, `${key} of ${name(run)}`);
    const all = [peers.pictures.length, 32, 16];
    const most = all.find((count) => known(run.fooled, count).length === count);
    for (const count of all) {
      const row = `${name(run)}, ${count}`;
      const of = (/** @type {string} */ what) =>
        peers.entries.find(
          (/** @type {{ measure: string }} */ { measure }) => measure === `${what}, ${row}`,
        );
      const isShown = count === most || (count === 16 && most !== undefined);
      assert.equal(Boolean(of('fooled')), isShown, row);
      if (!of('fooled')) continue;
      rows += 1;
      isAbout(of('fooled').value, mean(known(run.fooled, count)), row);
      isAbout(of('fooled saved').value, mean(known(run.survivesRounding, count)), row);
      isAbout(of('median norm').value, median(norms(run, count)), row);
      isAbout(of('gradients').value, mean(known(run.gradients, count)), row);
      isAbout(of('seconds').value, mean(known(run.seconds, count)), row);
      const { value, low, high, command } = of('median norm');
      assert.ok(low <= value && value <= high, row);
      assert.ok(command.endsWith(`--run ${run.method}:${run.steps}:${count}`), command);
    }
  }
  assert.ok(rows > 5);
  assert.equal(peers.entries.length, 5 * rows);
});

test('a method that rounds fools in a saved file too, and others seldom', () => {
  const share = (/** @type {string} */ method) =>
    peers.entries.find((/** @type {{ measure: string }} */ { measure }) =>
      measure.startsWith(`fooled saved, l2, adv-lib, ${method}, `),
    ).value;
  assert.equal(share('ddn-8bit'), 1);
  assert.ok(share('fmn-l2') < 0.5);
});

test('the curves are of the same pictures, a run a point', () => {
  assert.ok(peers.series.length > 3);
  for (const { norm, by, method, pictures, gradients, medians } of peers.series) {
    const points = gradients.map((/** @type {number} */ x, /** @type {number} */ at) => [
      x,
      medians[at],
    ]);
    const runs = peers.runs.filter(
      (/** @type {Run} */ run) => run.norm === norm && run.by === by && run.method === method,
    );
    for (const [x, y] of points) {
      const run = runs.find(
        (/** @type {Run} */ run) => Math.abs(median(norms(run, pictures)) - y) < 1e-3 * y,
      );
      assert.ok(run, `${by} ${method} at ${x}`);
      isAbout(x, mean(known(run.gradients, pictures)), `${by} ${method}`);
    }
    assert.deepEqual(
      gradients,
      gradients.toSorted((/** @type {number} */ a, /** @type {number} */ b) => a - b),
    );
  }
});

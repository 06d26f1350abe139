import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOf, layOut } from '../../www/exhibits/universal/layout.js';
import { countedOf, shareOf } from '../../www/exhibits/universal/run.js';
import { madeFor, shelve } from '../../www/exhibits/universal/shelf.js';
import { plainText } from '../../www/words/common.js';
import {
  feedbackSentence,
  graphSentence,
  lessonText,
  raceSentence,
  setupText,
} from '../../www/words/universal.js';

/** @type {[number, number][]} */
const LABELS = [
  [1, 3],
  [2, 3],
  [3, 3],
  [4, 5],
  [6, 6],
];
const COUNT = { labels: LABELS, fooled: 3, rate: 0.6 };

test('towards a target, those that were it before do not count', () => {
  assert.deepEqual(shareOf(COUNT, -1), { fooled: 3, of: 5 });
  assert.deepEqual(shareOf(COUNT, 3), { fooled: 2, of: 4 });
});

test('the sentence has the numbers of both, and says where none were held back', () => {
  const run = (/** @type {'stochastic' | 'original'} */ method, /** @type {number} */ target) =>
    countedOf(
      /** @type {any} */ ({
        method,
        job: { wish: { target } },
        counted: { own: COUNT, others: null },
        result: { gradientEvaluations: 1234 },
        progress: null,
      }),
      (label) => `class ${label}`,
    );
  assert.equal(
    plainText(raceSentence([...run('stochastic', 3), ...run('original', 3)])),
    'After 1,234 gradients the stochastic method’s noise turns 2 of 4 pictures that it learnt from into class 3; after 1,234 gradients the original algorithm’s fools 3 of 5 pictures that it learnt from. No pictures were held back to try it on.',
  );
  assert.deepEqual(raceSentence([]), []);
});

test('what is chosen is told, and what is missing', () => {
  const lesson = { own: [1, 2], others: [3], ownText: '2 photos', othersText: '1 sample photo' };
  assert.equal(
    lessonText(lesson),
    'Both learn from 2 photos, and are tried on 1 sample photo, which they do not learn from.',
  );
  assert.match(lessonText({ ...lesson, others: [] }), /Nothing is held back/);
  assert.match(lessonText({ ...lesson, own: [] }), /^Choose at least one picture/);
  assert.equal(
    setupText(lesson, 'l2', 2000),
    '2 to learn from, 1 to try it on; ‖v‖₂ at most 2,000 levels',
  );
});

test('graphs and rounds in a sentence', () => {
  const dominant = [
    { name: 'deer', pictures: 30, classes: 1 },
    { name: 'cat', pictures: 20, classes: 4 },
  ];
  const graph = { pictures: 100, fooled: 70, takeHalf: 2, dominant };
  assert.equal(
    graphSentence(graph),
    '2 labels take half of them: deer takes 30 of the 70 pictures that are fooled, and of 1 class most pictures end there.',
  );
  assert.equal(
    graphSentence({ ...graph, fooled: 0, dominant: [] }),
    'None of the 100 pictures is fooled.',
  );
  assert.equal(
    feedbackSentence({ network: 'LeNet', first: 0.4, lowest: 0.15, at: 4, last: 0.43, count: 5 }),
    'Before training a new noise fools 40\u00a0% of LeNet’s pictures; after 4 rounds 15\u00a0%, the least; after all 5, 43\u00a0%: training on such noise does not end it.',
  );
});

test('a graph is laid out the same way each time, and no class lies on another', async () => {
  const vertices = Array.from({ length: 60 }, (_, label) => ({
    label,
    name: `class ${label}`,
    pictures: 4,
    left: label ? 4 : 0,
    attracted: label ? 0 : 4 * 58,
  }));
  // All but one, which nothing joins, lead to the first.
  const edges = vertices
    .slice(1, 59)
    .map(({ label }) => ({ from: label, to: 0, pictures: 4, of: 4 }));
  const graph = /** @type {any} */ ({ vertices, edges });
  const { signal } = new AbortController();
  const { places, arrows } = await layOut(graph, signal);
  assert.equal(places.length, 59);
  assert.equal(arrows.length, 58);
  assert.deepEqual((await layOut(graph, signal)).places, places);
  for (const [index, a] of places.entries())
    for (const b of places.slice(index + 1))
      assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 0.9 * (a.radius + b.radius));
  const { x, y, width, height } = boundsOf(places);
  for (const place of places) {
    assert.ok(place.x > x && place.x < x + width);
    assert.ok(place.y > y && place.y < y + height);
  }
});

test('a noise takes the place of one that was made alike, and other seeds hang beside it', () => {
  const made = /** @type {const} */ ({ method: 'original', norm: 'linf', radius: 10 });
  const [early, whole, other] = [1, 2, 3].map((value) => new Float32Array([value]));
  shelve('net', { ...made, seed: 0, data: early });
  shelve('net', { ...made, seed: 0, data: whole });
  shelve('net', { ...made, seed: 1, data: other });
  shelve('net', { ...made, seed: 1, data: other });
  assert.deepEqual(
    madeFor('net').map(({ data }) => data),
    [whole, other],
  );
  assert.deepEqual(madeFor('another'), []);
});

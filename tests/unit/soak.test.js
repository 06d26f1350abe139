import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../tools/lib/soak.mjs';

/** Thirty minutes, of which one thing is told by the minute. @param {(minute: number) => object} of */
const hours = (of) =>
  Array.from({ length: 30 }, (_, index) => ({
    at: 60 * (index + 1),
    frames: 900,
    median: 50,
    low: 40,
    wasm: 60,
    renderer: 300,
    gpu: 0,
    ...of(index + 1),
  }));

const WARM_UP = 180;

test('a steady half hour passes, whatever the first minutes took', () => {
  const { growth, slower, failures } = judge(
    hours((minute) => (minute <= 3 ? { renderer: 100, low: 20 } : {})),
    WARM_UP,
  );
  assert.deepEqual([growth, slower, failures], [0, 0, []]);
});

test('a leak of the page, of the wasm or of the GPU fails', () => {
  for (const what of ['renderer', 'gpu', 'wasm']) {
    const { failures } = judge(
      hours((minute) => ({ [what]: 100 * (1 + minute / 50) })),
      WARM_UP,
    );
    assert.equal(failures.length, 1, what);
    assert.match(failures[0], /memory.* grew by \d/);
  }
});

test('answers that get slower fail, one busy minute does not', () => {
  const rising = judge(
    hours((minute) => ({ low: 40 + minute })),
    WARM_UP,
  );
  assert.match(rising.failures[0], /longer/);
  const busy = judge(
    hours((minute) => (minute === 28 ? { low: 400 } : {})),
    WARM_UP,
  );
  assert.deepEqual(busy.failures, []);
});

test('answers that get slower in the median, or fewer, fail', () => {
  const late = (/** @type {object} */ what) =>
    judge(
      hours((minute) => (minute > 15 ? what : {})),
      WARM_UP,
    ).failures.join();
  assert.match(late({ median: 200 }), /longer in the median/);
  assert.match(late({ frames: 300 }), /half as many/);
  assert.equal(late({ median: 90, frames: 600 }), '');
});

test('what was not measured is not steady', () => {
  for (const what of [{ wasm: NaN }, { renderer: 0 }, { median: NaN }]) {
    const { failures } = judge(
      hours(() => what),
      WARM_UP,
    );
    assert.deepEqual(failures, ['not all of it was measured']);
  }
});

test('a minute without an answer fails, and so does a run too short to be judged', () => {
  const silent = judge(
    hours((minute) => (minute === 9 ? { frames: 0, low: NaN } : {})),
    WARM_UP,
  );
  assert.match(silent.failures.join(), /no frame/);
  assert.match(judge(hours(() => ({})).slice(0, 4), WARM_UP).failures.join(), /too short/);
});

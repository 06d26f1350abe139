import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool, usualWorkers } from '../../www/engine/pool.js';

/** @import { HelperFace } from '../../www/engine/pool.js' */

const turn = () => new Promise((resolve) => setTimeout(resolve));

/**
 * Helpers of a network whose logits are the pictures, two values each, and whose
 * gradients are twice the cotangents.
 * @param {Partial<HelperFace>} [face] what they do otherwise
 * @param {number} [memory]
 */
function spawning(face = {}, memory = 1e6) {
  /** @type {string[]} */
  const asked = [];
  const log = { begun: 0, ended: 0, asked };
  const answer = async (/** @type {Float32Array | null} */ values) => ({ values, memory });
  const spawn = () => {
    log.begun += 1;
    return {
      face: {
        open: () => answer(null),
        logits: (/** @type {Float32Array} */ x) => answer(x),
        forward: (
          /** @type {number} */ _,
          /** @type {Float32Array} */ x,
          /** @type {boolean} */ answers,
        ) => {
          log.asked.push(`forward ${x} ${answers}`);
          return answer(answers ? x : null);
        },
        pullBack: (/** @type {number} */ _, /** @type {Float32Array} */ cotangents) =>
          answer(cotangents.map((value) => 2 * value)),
        forget: () => answer(null),
        ...face,
      },
      end: () => {
        log.ended += 1;
      },
    };
  };
  return { spawn, log };
}

/** @param {ConstructorParameters<typeof Pool>[0]} options */
async function started(options) {
  const pool = new Pool(options);
  assert.equal(pool.isReady(1, true), false, 'the first long task does not wait');
  await turn();
  return pool;
}

const values = (/** @type {{ rows: number, values: Float32Array | null }[]} */ parts) =>
  parts.map(({ rows, values }) => [rows, values && [...values]]);

test('helpers are started by long work alone, and end with the pool', async () => {
  const { spawn, log } = spawning();
  /** @type {number[]} */
  const counts = [];
  const pool = new Pool({ spawn, workers: 3, changed: (count) => counts.push(count) });
  assert.equal(pool.isReady(1, false), false);
  assert.equal(pool.isReady(2, false), false);
  await turn();
  assert.deepEqual([log.begun, pool.workers], [0, 1]);
  pool.isReady(1, true);
  pool.isReady(1, true);
  await turn();
  assert.deepEqual([log.begun, pool.workers, counts], [2, 3, [2, 3]]);
  assert.equal(pool.isReady(1, true), true);
  assert.equal(pool.isReady(1, false), false, 'one picture alone is not shared');
  assert.equal(pool.isReady(2, false), true);
  assert.equal(pool.memory, 2e6);
  pool.rest();
  assert.deepEqual([log.ended, pool.workers, pool.memory], [2, 1, 0]);
  pool.isReady(1, true);
  await turn();
  assert.deepEqual([log.begun, pool.workers], [4, 3], 'rested, they can be started again');
  pool.close();
  assert.deepEqual([log.ended, pool.workers], [4, 1]);
  pool.isReady(1, true);
  await turn();
  assert.equal(log.begun, 4, 'none is started again');
});

test('a stream of pairs starts them, a pair now and then does not', async () => {
  const { spawn, log } = spawning();
  const pool = new Pool({ spawn, workers: 2, changed: () => {} });
  for (let frame = 0; frame < 4; frame += 1) pool.isReady(2, false);
  await turn();
  assert.equal(log.begun, 0);
  pool.isReady(2, false);
  await turn();
  assert.equal(log.begun, 1);
});

test('alone is alone', async () => {
  const { spawn, log } = spawning();
  const pool = await started({ spawn, workers: 1, changed: () => {} });
  assert.deepEqual([log.begun, pool.isReady(8, true)], [0, false]);
});

test('each does its share, the first rows being those of who asks', async () => {
  const { spawn, log } = spawning();
  const pool = await started({ spawn, workers: 2, changed: () => {} });
  const x = Float32Array.of(0, 1, 2, 3, 4, 5);
  const logits = pool.logits(x, 3);
  assert.equal(logits.own, 1);
  assert.deepEqual(values(await logits.collect()), [[2, [2, 3, 4, 5]]]);

  const pass = pool.forward(x, 3);
  assert.equal(pass.own, 1);
  x.fill(0); // The wasm uses its memory again.
  assert.deepEqual(log.asked, ['forward 2,3,4,5 true']);
  assert.deepEqual(values(await pass.logits.collect()), [[2, [2, 3, 4, 5]]]);
  const walked = pass.pullBack(Float32Array.of(0, 1, 2, 3, 4, 5), 1);
  assert.equal(walked.own, 1);
  assert.deepEqual(values(await walked.collect()), [[2, [4, 6, 8, 10]]]);
  pass.forget();
});

test('of one picture both keep the pass, and the cotangents are shared', async () => {
  const { spawn, log } = spawning();
  const pool = await started({ spawn, workers: 2, changed: () => {} });
  const pass = pool.forward(Float32Array.of(7, 8), 1);
  assert.deepEqual(log.asked, ['forward 7,8 false']);
  assert.deepEqual([pass.own, pass.logits.own], [1, 1]);
  assert.deepEqual(await pass.logits.collect(), []);
  const walked = pass.pullBack(Float32Array.of(0, 1, 2, 3, 4, 5), 3);
  assert.equal(walked.own, 1);
  assert.deepEqual(values(await walked.collect()), [[2, [4, 6, 8, 10]]]);
});

test('what a helper that fails owes is left to who asks, and another takes its place', async () => {
  let good = false;
  const { spawn, log } = spawning({
    logits: async (x) => {
      if (!good) throw new Error('no memory');
      return { values: x, memory: 1 };
    },
  });
  const pool = await started({ spawn, workers: 2, changed: () => {} });
  const shared = pool.logits(Float32Array.of(1, 2), 2);
  assert.deepEqual(values(await shared.collect()), [[1, null]]);
  assert.deepEqual([log.ended, pool.workers], [1, 1]);
  good = true;
  pool.isReady(4, false);
  await turn();
  assert.deepEqual(values(await pool.logits(Float32Array.of(1, 2), 2).collect()), [[1, [2]]]);
});

test('helpers that always fail are given up', async () => {
  const { spawn, log } = spawning({ open: () => Promise.reject(new Error('no memory')) });
  const pool = new Pool({ spawn, workers: 2, changed: () => {} });
  for (let times = 0; times < 20; times += 1) {
    assert.equal(pool.isReady(1, true), false);
    await turn();
  }
  assert.equal(log.begun, log.ended);
  assert.ok(log.begun <= 4, `${log.begun} were started`);
});

test('a helper that hangs is not waited for', async (context) => {
  const { spawn, log } = spawning({ pullBack: () => new Promise(() => {}) });
  const pool = await started({ spawn, workers: 2, changed: () => {} });
  const pass = pool.forward(Float32Array.of(7, 8), 1);
  await pass.logits.collect();
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const waiting = pass.pullBack(Float32Array.of(1, 1), 2).collect();
  context.mock.timers.tick(60_000);
  assert.deepEqual(values(await waiting), [[1, null]]);
  assert.deepEqual([log.ended, pool.workers], [1, 1]);
  // It is gone, and whoever still asks it is told so at once.
  assert.deepEqual(values(await pass.pullBack(Float32Array.of(1, 1), 2).collect()), [[1, null]]);
});

test('a helper that takes too much memory ends once nobody needs what it keeps', async () => {
  const { spawn, log } = spawning({}, 1e9);
  const pool = await started({ spawn, workers: 2, changed: () => {} });
  const [pass, other] = [0, 1].map(() => pool.forward(Float32Array.of(7, 8), 1));
  assert.deepEqual(values(await pass.pullBack(Float32Array.of(1, 1), 2).collect()), [[1, [2]]]);
  pass.forget();
  assert.equal(log.ended, 0);
  other.forget();
  assert.equal(log.ended, 1);
});

test('a core each, but few where there is little memory', () => {
  assert.equal(usualWorkers({ hardwareConcurrency: 2 }), 2);
  assert.equal(usualWorkers({ hardwareConcurrency: 16, deviceMemory: 8 }), 8);
  assert.equal(usualWorkers({ hardwareConcurrency: 8 }), 4);
  assert.equal(usualWorkers({ hardwareConcurrency: 8, deviceMemory: 0.5 }), 1);
  assert.equal(usualWorkers({}), 1);
});

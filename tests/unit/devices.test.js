import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseDevice, comparison, faster, isSoftware } from '../../www/engine/devices.js';

/** @param {object} info @param {string[]} [features] */
const adapter = (info, features = ['timestamp-query']) => ({ info, features: new Set(features) });

/** @param {ReturnType<typeof adapter> | null} found */
const browser = (found) => ({ requestAdapter: async () => found });

const hardware = adapter({ vendor: 'nvidia', architecture: 'hopper' });
const software = adapter({ vendor: 'google', architecture: 'swiftshader' });
const build = 'this build';

/** @param {Partial<import('../../www/engine/types.js').Measured>} [changes] */
const measured = (changes) => ({ adapter: 'nvidia hopper', build, cpu: 22, gpu: 4, ...changes });

test('hardware is tried by itself, to see which is faster', async () => {
  const choice = await chooseDevice('auto', browser(hardware), build);
  assert.equal(choice.kind, 'faster');
  assert.equal(choice.gpu, 'hardware');
});

test('what was measured on this GPU by this build is not measured again', async () => {
  /** @param {number} gpu */
  const after = (gpu) => chooseDevice('auto', browser(hardware), build, measured({ gpu }));
  assert.equal((await after(4)).kind, 'gpu');
  assert.equal((await after(40)).kind, 'cpu');
  assert.match((await after(40)).reason, /CPU answers in 22 ms, the GPU in 40\./);
});

test('another GPU, or another build, is measured anew', async () => {
  for (const changes of [{ adapter: 'intel gen-9' }, { build: 'the last one' }]) {
    const choice = await chooseDevice('auto', browser(hardware), build, measured(changes));
    assert.equal(choice.kind, 'faster');
    assert.equal(choice.measured, null);
  }
});

test('a software adapter is taken only when asked for, and never measured', async () => {
  const before = measured({ adapter: 'google swiftshader', gpu: 1 });
  const choice = await chooseDevice('auto', browser(software), build, before);
  assert.equal(choice.kind, 'cpu');
  assert.equal(choice.measured, null);
  assert.equal((await chooseDevice('gpu', browser(software), build)).kind, 'gpu');
});

test('a wish is never argued with, whatever was measured', async () => {
  const found = browser(hardware);
  assert.equal((await chooseDevice('cpu', found, build, measured())).kind, 'cpu');
  assert.equal((await chooseDevice('gpu', found, build, measured({ gpu: 90 }))).kind, 'gpu');
  // The way back to the GPU stays open.
  assert.equal((await chooseDevice('cpu', found, build)).gpu, 'hardware');
});

test('the comparison names the faster one first, with figures that can be read', () => {
  assert.equal(comparison({ cpu: 21.7, gpu: 4.04 }), 'The GPU answers in 4 ms, the CPU in 22.');
  assert.equal(comparison({ cpu: 0.42, gpu: 3 }), 'The CPU answers in 0.4 ms, the GPU in 3.');
  // No slower is not faster: the CPU needs no second module.
  assert.equal(faster({ cpu: 5, gpu: 5 }), 'cpu');
});

test('whatever is missing leads to the CPU, with another sentence each', async () => {
  const broken = { requestAdapter: () => Promise.reject(new Error('no')) };
  const choices = await Promise.all([
    chooseDevice('gpu', undefined, build),
    chooseDevice('gpu', broken, build),
    chooseDevice('gpu', browser(null), build),
    chooseDevice('gpu', browser(adapter({ vendor: 'old' }, [])), build),
    chooseDevice('auto', browser(software), build),
  ]);
  assert.ok(choices.every(({ kind }) => kind === 'cpu'));
  assert.ok(choices.every(({ reason }) => /^[A-Z].*\.$/.test(reason)));
  assert.equal(new Set(choices.map(({ reason }) => reason)).size, choices.length);
});

test('software adapters are known by flag or by name', () => {
  assert.ok(isSoftware(software));
  assert.ok(isSoftware(adapter({ description: 'llvmpipe (LLVM 15)' })));
  assert.ok(isSoftware({ ...hardware, info: { isFallbackAdapter: true } }));
  assert.ok(!isSoftware(hardware));
});

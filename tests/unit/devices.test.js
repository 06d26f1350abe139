import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseDevice, isSoftware } from '../../www/engine/devices.js';

/** @param {object} info @param {string[]} [features] */
const adapter = (info, features = ['timestamp-query']) => ({ info, features: new Set(features) });

/** @param {ReturnType<typeof adapter> | null} found */
const browser = (found) => ({ requestAdapter: async () => found });

const hardware = adapter({ vendor: 'nvidia', architecture: 'hopper' });
const software = adapter({ vendor: 'google', architecture: 'swiftshader' });

test('hardware is taken by itself', async () => {
  assert.equal((await chooseDevice('auto', browser(hardware))).kind, 'gpu');
});

test('a software adapter is taken only when asked for', async () => {
  assert.equal((await chooseDevice('auto', browser(software))).kind, 'cpu');
  assert.equal((await chooseDevice('gpu', browser(software))).kind, 'gpu');
});

test('the CPU is never argued with', async () => {
  assert.equal((await chooseDevice('cpu', browser(hardware))).kind, 'cpu');
});

test('whatever is missing leads to the CPU, with another sentence each', async () => {
  const broken = { requestAdapter: () => Promise.reject(new Error('no')) };
  const choices = await Promise.all([
    chooseDevice('gpu', undefined),
    chooseDevice('gpu', broken),
    chooseDevice('gpu', browser(null)),
    chooseDevice('gpu', browser(adapter({ vendor: 'old' }, []))),
    chooseDevice('auto', browser(software)),
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

/** The two devices of a classifier, with sessions that only tell the time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Classifier } from '../../www/engine/classifier.js';
import { Pool } from '../../www/engine/pool.js';

/**
 * @import { TestContext } from 'node:test'
 * @import { Device, DeviceWish, Measured } from '../../www/engine/types.js'
 */

/**
 * A session as far as the classifier looks at it.
 * @param {'cpu' | 'gpu'} kind
 * @param {number} milliseconds of a pass
 */
function session(kind, milliseconds) {
  /** @type {(why: string) => void} */
  let lose = () => {};
  const selfTest = { largestDifference: 0, milliseconds };
  return {
    passes: 0,
    freed: false,
    device: { kind, name: kind, software: false, selfTest },
    lost: () => new Promise((/** @type {(why: string) => void} */ resolve) => (lose = resolve)),
    lose: (/** @type {string} */ why) => lose(why),
    shareWith() {},
    async timePass() {
      this.passes += 1;
      return milliseconds;
    },
    free() {
      this.freed = true;
    },
  };
}

/** @param {TestContext} context @param {object | null} info of the only adapter */
function offer(context, info) {
  const adapter = info && { info, features: new Set(['timestamp-query']) };
  const { navigator } = globalThis;
  const gpu = { requestAdapter: async () => adapter };
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  context.after(() =>
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true }),
  );
}

/**
 * @param {{ wish?: DeviceWish, cpu?: number, gpu?: number, measured?: Measured | null, inject?: any }} settings
 */
async function open({ wish = 'auto', cpu = 20, gpu = 5, measured = null, inject = 'none' }) {
  const sessions = { cpu: session('cpu', cpu), gpu: session('gpu', gpu) };
  const seen = {
    downloads: 0,
    devices: /** @type {Device[]} */ ([]),
    measured: /** @type {Measured[]} */ ([]),
  };
  const module = (/** @type {'cpu' | 'gpu'} */ kind) =>
    /** @type {any} */ ({ Session: { open: async () => sessions[kind] } });
  const modules = {
    cpu: module('cpu'),
    build: 'b',
    explore: async () => module('cpu'),
    helpers: () =>
      new Pool({
        spawn: () => assert.fail('nobody asked for help'),
        workers: 1,
        changed: () => {},
      }),
    gpu: async () => {
      seen.downloads += 1;
      return module('gpu');
    },
  };
  const request = { network: 'n', device: wish, inject, measured };
  const classifier = await Classifier.open(modules, request, new Uint8Array(), {
    moved: (device) => seen.devices.push(device),
    measured: (found) => seen.measured.push(found),
  });
  return { classifier, sessions, seen, modules };
}

const { signal } = new AbortController();
const hardware = { vendor: 'nvidia', architecture: 'hopper' };
/** A question that says who answered. @type {(session: any) => Promise<'cpu' | 'gpu'>} */
const who = async (session) => session.device.kind;

test('the CPU answers first; the GPU takes over when it was faster', async (context) => {
  offer(context, hardware);
  const { classifier, seen } = await open({});
  assert.equal(classifier.device.kind, 'cpu');
  assert.equal(await classifier.ask(who, signal), 'cpu');
  const device = await classifier.use('auto');
  assert.equal(device.kind, 'gpu');
  assert.equal(device.reason, 'The GPU answers in 5 ms, the CPU in 20.');
  assert.deepEqual(device.milliseconds, { cpu: 20, gpu: 5 });
  assert.equal(await classifier.ask(who, signal), 'gpu');
  assert.deepEqual(seen.measured, [{ adapter: 'nvidia hopper', build: 'b', cpu: 20, gpu: 5 }]);
});

test('a GPU that is slower is left alone, and is not timed for long', async (context) => {
  offer(context, hardware);
  const { classifier, sessions } = await open({ gpu: 500 });
  await classifier.ask(who, signal);
  const { kind, reason } = await classifier.use('auto');
  assert.equal(kind, 'cpu');
  assert.equal(reason, 'The CPU answers in 20 ms, the GPU in 500.');
  assert.ok(sessions.gpu.passes <= 3);
});

test('what is remembered is believed: no download for a slower GPU, no passes for a faster', async (context) => {
  offer(context, hardware);
  const measured = { adapter: 'nvidia hopper', build: 'b', cpu: 20, gpu: 40 };
  const slower = await open({ measured });
  assert.equal((await slower.classifier.use('auto')).kind, 'cpu');
  assert.equal(slower.seen.downloads, 0);

  const faster = await open({ measured: { ...measured, gpu: 4 } });
  assert.equal((await faster.classifier.use('auto')).kind, 'gpu');
  assert.equal(faster.sessions.gpu.passes + faster.sessions.cpu.passes, 0);
});

test('a software adapter is neither downloaded for nor timed', async (context) => {
  offer(context, { vendor: 'google', architecture: 'swiftshader' });
  const { classifier, sessions, seen } = await open({});
  assert.equal((await classifier.use('auto')).kind, 'cpu');
  assert.equal(seen.downloads, 0);
  assert.equal(sessions.cpu.passes, 0);

  const asked = await open({ wish: 'gpu' });
  assert.equal((await asked.classifier.use('gpu')).kind, 'gpu');
  assert.equal(asked.sessions.gpu.passes, 0);
});

test('a visitor moves to and fro', async (context) => {
  offer(context, hardware);
  const { classifier, seen } = await open({ wish: 'cpu' });
  assert.equal((await classifier.use('cpu')).kind, 'cpu');
  assert.equal(seen.downloads, 0);
  assert.equal((await classifier.use('gpu')).kind, 'gpu');
  assert.equal((await classifier.use('cpu')).kind, 'cpu');
  assert.equal(await classifier.ask(who, signal), 'cpu');
  assert.equal((await classifier.use('auto')).kind, 'gpu');
  assert.equal(seen.downloads, 1);
});

test('a lost GPU: what it was asked is answered by the CPU, at once', async (context) => {
  offer(context, hardware);
  const { classifier, sessions, seen } = await open({ wish: 'gpu' });
  await classifier.use('gpu');
  const answer = classifier.ask(
    (session) => (session.device.kind === 'gpu' ? new Promise(() => {}) : who(session)),
    signal,
  );
  await wait(0);
  sessions.gpu.lose('The GPU was lost');
  assert.equal(await answer, 'cpu');
  const last = seen.devices[seen.devices.length - 1];
  assert.equal(last.reason, 'The GPU was lost. The CPU does the work instead.');
});

test('a trap takes down the GPU’s module alone', async (context) => {
  offer(context, hardware);
  const { classifier } = await open({ wish: 'gpu' });
  await classifier.use('gpu');
  const answer = await classifier.ask(async (session) => {
    if (session.device.kind === 'gpu') throw new WebAssembly.RuntimeError('unreachable');
    return who(session);
  }, signal);
  assert.equal(answer, 'cpu');
  assert.match(classifier.device.reason, /^The GPU stopped the classifier\. The CPU/);
  assert.equal((await classifier.use('gpu')).kind, 'cpu');
});

test('a GPU that traps before it is open is not waited for', async (context) => {
  offer(context, hardware);
  const { classifier, modules } = await open({ wish: 'cpu' });
  modules.gpu = async () => /** @type {any} */ ({ Session: { open: () => new Promise(() => {}) } });
  const settled = classifier.use('gpu');
  await wait(0);
  classifier.gpuStopped();
  assert.equal((await settled).kind, 'cpu');
});

test('a module that does not arrive leaves the CPU, with a sentence, and may be tried again', async (context) => {
  offer(context, hardware);
  const { classifier, modules } = await open({ wish: 'cpu' });
  const arrives = modules.gpu;
  modules.gpu = () => Promise.reject(new Error('The program for the GPU could not be downloaded.'));
  const device = await classifier.use('gpu');
  assert.equal(device.kind, 'cpu');
  assert.match(device.reason, /could not be downloaded\. The CPU does the work instead\.$/);
  modules.gpu = arrives;
  assert.equal((await classifier.use('gpu')).kind, 'gpu');
});

test('closing frees both', async (context) => {
  offer(context, hardware);
  const { classifier, sessions } = await open({ wish: 'gpu' });
  await classifier.use('gpu');
  classifier.close();
  await wait(10);
  assert.ok(sessions.cpu.freed && sessions.gpu.freed);
});

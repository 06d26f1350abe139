import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import { fetchFresh, fetchPinned } from '../../www/engine/downloads.js';

const url = 'http://site.test/models/weights.safetensors';
const whole = new TextEncoder().encode('the weights');
const pin = { bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') };
const silent = () => {};
const real = { fetch: globalThis.fetch, caches: globalThis.caches };

/** @type {Map<string, Response>} */
let kept;
/** @type {Response[]} what the server will answer, in order */
let answers;

beforeEach(() => {
  kept = new Map();
  answers = [];
  const cache = {
    match: async (/** @type {string} */ key) => kept.get(key)?.clone(),
    put: async (/** @type {string} */ key, /** @type {Response} */ value) => kept.set(key, value),
    delete: async (/** @type {string} */ key) => kept.delete(key),
  };
  Object.assign(globalThis, {
    caches: { open: async () => cache },
    fetch: async () => answers.shift() ?? Promise.reject(new TypeError('no network')),
  });
});
afterEach(() => Object.assign(globalThis, real));

test('a file is downloaded once, with progress, and then kept', async () => {
  answers = [new Response(whole)];
  /** @type {unknown[]} */
  const reports = [];
  const report = (/** @type {unknown[]} */ ...values) => reports.push(values);
  assert.deepEqual(await fetchPinned(url, pin, report), whole);
  assert.deepEqual(reports[0], [0, whole.length, false]);
  assert.deepEqual(reports.at(-1), [whole.length, whole.length, false]);
  assert.deepEqual(await fetchPinned(url, pin, report), whole);
  assert.deepEqual(reports.at(-1), [whole.length, whole.length, true]);
});

test('a damaged copy in the cache is thrown away and fetched again', async () => {
  kept.set(url, new Response('the weighty'));
  answers = [new Response(whole)];
  assert.deepEqual(await fetchPinned(url, pin, silent), whole);
  assert.deepEqual(
    new Uint8Array(await /** @type {Response} */ (kept.get(url)).arrayBuffer()),
    whole,
  );
});

test('a damaged download is told, and not kept', async () => {
  answers = [new Response('the weighty')];
  await assert.rejects(fetchPinned(url, pin, silent), { name: 'DownloadCorrupted' });
  assert.equal(kept.size, 0);
});

test('a missing file and a missing network are told apart', async () => {
  answers = [new Response('', { status: 404 })];
  await assert.rejects(fetchPinned(url, pin, silent), { name: 'DownloadFailed', message: /404/ });
  await assert.rejects(fetchPinned(url, pin, silent), { message: /no connection/ });
});

test('a browser without a cache does without', async () => {
  Object.assign(globalThis, { caches: { open: () => Promise.reject(new Error('private')) } });
  answers = [new Response(whole), new Response(whole)];
  assert.deepEqual(await fetchPinned(url, pin, silent), whole);
  assert.deepEqual(await fetchPinned(url, pin, silent), whole);
});

test('a small file comes from the network, else from the last visit', async () => {
  answers = [new Response('one')];
  assert.equal(await (await fetchFresh(url)).text(), 'one');
  assert.equal(await (await fetchFresh(url)).text(), 'one');
});

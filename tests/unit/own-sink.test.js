/** A network that is being kept takes the place of an earlier one only once it is whole. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

// By addresses, which the compiler does not follow: here it knows a page's types, and not a worker's.
const engine = (/** @type {string} */ file) =>
  import(new URL(`../../www/engine/${file}`, import.meta.url).href);
const { sinkFor } = await engine('own-sink.js');
const { listOwn, openOwn } = await engine('own-store.js');

/** @typedef {{ bytes: Uint8Array, changed: number, held: boolean }} Entry */

/** Names and what is in them. @type {Map<string, Entry>} */
let disk;
/** How many bytes may be written. */
let room = 0;
let moves = true;

const fail = (/** @type {string} */ name) => {
  throw Object.assign(new Error(), { name });
};
const entryOf = (/** @type {string} */ name) => disk.get(name) ?? fail('NotFoundError');

/** @param {string} name */
function access(name) {
  const entry = entryOf(name);
  if (entry.held) fail('NoModificationAllowedError');
  entry.held = true;
  return {
    getSize: () => entry.bytes.length,
    truncate(/** @type {number} */ size) {
      entry.bytes = entry.bytes.slice(0, size);
    },
    write(/** @type {Uint8Array} */ bytes, /** @type {{ at: number }} */ { at }) {
      if (at + bytes.length > room) fail('QuotaExceededError');
      const whole = new Uint8Array(Math.max(entry.bytes.length, at + bytes.length));
      whole.set(entry.bytes);
      whole.set(bytes, at);
      Object.assign(entry, { bytes: whole, changed: Date.now() });
      return bytes.length;
    },
    read(/** @type {Uint8Array} */ into, /** @type {{ at: number }} */ { at }) {
      into.set(entry.bytes.subarray(at, at + into.length));
    },
    flush() {},
    close() {
      entry.held = false;
    },
  };
}

/** @param {string} name @returns {any} */
const handle = (name) => ({
  kind: 'file',
  get name() {
    return name;
  },
  getFile: async () => {
    const { bytes, changed } = entryOf(name);
    return new File([new Uint8Array(bytes)], name, { lastModified: changed });
  },
  createSyncAccessHandle: async () => access(name),
  ...(moves && {
    async move(/** @type {string} */ other) {
      if (entryOf(name).held || disk.get(other)?.held) fail('NoModificationAllowedError');
      disk.set(other, entryOf(name));
      disk.delete(name);
      name = other;
    },
  }),
});

const folder = {
  async getFileHandle(/** @type {string} */ name, { create = false } = {}) {
    if (create && !disk.has(name))
      disk.set(name, { bytes: new Uint8Array(0), changed: Date.now(), held: false });
    entryOf(name);
    return handle(name);
  },
  async removeEntry(/** @type {string} */ name) {
    if (entryOf(name).held) fail('NoModificationAllowedError');
    disk.delete(name);
  },
  async *values() {
    for (const name of disk.keys()) yield handle(name);
  },
};

Object.defineProperty(globalThis, 'navigator', {
  value: {
    storage: {
      getDirectory: async () => ({ getDirectoryHandle: async () => folder }),
      estimate: async () => ({ quota: 1000, usage: 0 }),
    },
    locks: { request: (/** @type {string} */ _, /** @type {() => unknown} */ work) => work() },
  },
});

beforeEach(() => {
  disk = new Map();
  room = 1000;
  moves = true;
});

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const kept = async () => (await openOwn('own-1'))?.text();

/** @param {string} text */
async function keep(text) {
  const sink = await sinkFor('own-1', text.length);
  for (const letter of text) sink.put(bytes(letter));
  const { whole: file } = await sink.done(() => {});
  return { stored: sink.stored, text: await file.text() };
}

for (const able of [true, false]) {
  test(`the new one takes the old one’s place, where files are ${able ? '' : 'not '}moved`, async () => {
    moves = able;
    assert.deepEqual(await keep('first'), { stored: true, text: 'first' });
    assert.deepEqual(await keep('second'), { stored: true, text: 'second' });
    assert.equal(await kept(), 'second');
    assert.deepEqual([...disk.keys()], ['own-1.safetensors']);
  });
}

test('what failed or was broken off leaves the old one as it was', async () => {
  await keep('first');
  const failed = await sinkFor('own-1', 6);
  failed.put(bytes('sec'));
  await failed.discard();
  assert.equal(await kept(), 'first');
  assert.equal(disk.size, 1);
  const broken = await sinkFor('own-1', 6);
  broken.put(bytes('sec'));
  assert.equal(await kept(), 'first');
  assert.deepEqual(
    (await listOwn()).map((/** @type {{ id: string }} */ { id }) => id),
    ['own-1'],
  );
});

test('also what fails after the exchange', async () => {
  const sink = await sinkFor('own-1', 5);
  sink.put(bytes('first'));
  await sink.done(() => {});
  await sink.discard();
  assert.equal(await kept(), 'first');
});

test('a full disk leaves the old one, and the new one in memory', async () => {
  await keep('old');
  room = 3;
  assert.deepEqual(await keep('second'), { stored: false, text: 'second' });
  assert.equal(await kept(), 'old');
  assert.equal(disk.size, 1);
});

test('so does one that cannot be exchanged', async () => {
  await keep('first');
  entryOf('own-1.safetensors').held = true;
  assert.deepEqual(await keep('second'), { stored: false, text: 'second' });
  assert.equal(await kept(), 'first');
  assert.equal(disk.size, 1);
});

test('two that keep the same at once both have it', async () => {
  const [one, other] = [await sinkFor('own-1', 4), await sinkFor('own-1', 4)];
  for (const sink of [one, other]) sink.put(bytes('same'));
  for (const sink of [one, other]) {
    const { whole, found } = await sink.done((/** @type {Blob} */ file) => file.size);
    assert.equal(await whole.text(), 'same');
    assert.equal(found, 4);
  }
  assert.deepEqual([one.stored, other.stored], [true, true]);
  assert.deepEqual([...disk.keys()], ['own-1.safetensors']);
});

test('parts are removed that nobody writes any more', async () => {
  const old = { bytes: bytes('x'), changed: Date.now() - 60_000, held: false };
  disk.set('left.part', old);
  disk.set('written.part', { ...old, held: true });
  disk.set('new.part', { ...old, changed: Date.now() });
  await listOwn();
  assert.deepEqual([...disk.keys()], ['written.part', 'new.part']);
});

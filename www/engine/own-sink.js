/**
 * A network on its way into this browser's own part of the disk: written beside what is kept, whose
 * place it takes once it is whole. Where the disk does not take it, it lies in memory. Workers only.
 */
import { PART_ENDING, folder, nameOf, remove, removeLeftBehind } from './own-store.js';

/** Bytes that are moved at a time. */
const PART = 4 << 20;

/**
 * @typedef {object} Sink takes a file as it is written
 * @property {(bytes: Uint8Array) => void} put
 * @property {<T>(look: (whole: Blob) => T) => Promise<{ whole: Blob, found: T }>} done what is found in the
 *   whole file; afterwards another tab may put its own in its place, and this one can be read no more
 * @property {() => Promise<void>} discard
 * @property {boolean} stored or only there until the page is left
 */

/**
 * What is kept under this id stays as it is until the new file is whole.
 * @param {string} id
 * @param {number} bytes how many there will be, about
 * @returns {Promise<Sink>}
 */
export async function sinkFor(id, bytes) {
  try {
    await removeLeftBehind();
    if ((await free()) < bytes) return inMemory();
    // Another tab may write the same network at the same time.
    const name = `${id}-${crypto.randomUUID()}${PART_ENDING}`;
    const part = await (await folder()).getFileHandle(name, { create: true });
    return onDisk(id, part, await part.createSyncAccessHandle());
  } catch {
    return inMemory();
  }
}

/**
 * Should the disk be full before the end, what was written goes on in memory.
 * @param {string} id
 * @param {FileSystemFileHandle} part
 * @param {FileSystemSyncAccessHandle} access to it
 * @returns {Sink}
 */
function onDisk(id, part, access) {
  let at = 0;
  /** @type {Sink | null} */
  let instead = null;
  // A handle takes another name where its file is moved.
  const { name } = part;
  /** @param {number} end */
  const intoMemory = (end) => {
    const memory = inMemory();
    for (const piece of piecesBefore(end, access)) memory.put(piece);
    access.truncate(0);
    return memory;
  };
  const discard = async () => {
    access.close();
    await remove(name);
  };
  return {
    get stored() {
      return !instead;
    },
    put(piece) {
      if (instead) return instead.put(piece);
      const begun = at;
      try {
        at = writeAll(access, piece, at);
      } catch {
        instead = intoMemory(begun);
        instead.put(piece);
      }
      return undefined;
    },
    async done(look) {
      if (!instead) {
        // Two tabs that have the same network ready take turns.
        const kept = await navigator.locks.request(id, async () => {
          const whole = await exchange(part, access, id).catch(() => null);
          return whole && seen(whole, look);
        });
        if (kept) return kept;
        access = await (await (await folder()).getFileHandle(name)).createSyncAccessHandle();
        instead = intoMemory(at);
      }
      await discard();
      return instead.done(look);
    },
    discard,
  };
}

/**
 * The part takes the place of what was kept under this id, at once where the browser can do so.
 * @param {FileSystemFileHandle} part
 * @param {FileSystemSyncAccessHandle} access to it; closed afterwards
 * @param {string} id
 */
async function exchange(part, access, id) {
  // Not every browser moves files, and none moves one that is held.
  const moves = 'move' in part;
  const { name } = part;
  try {
    access.flush();
    if (!moves) await copy(access, id);
  } finally {
    access.close();
  }
  if (moves) await /** @type {any} */ (part).move(nameOf(id));
  else await remove(name);
  return (await (await folder()).getFileHandle(nameOf(id))).getFile();
}

/** @param {FileSystemSyncAccessHandle} access to a part @param {string} id */
async function copy(access, id) {
  const handle = await (await folder()).getFileHandle(nameOf(id), { create: true });
  const whole = await handle.createSyncAccessHandle();
  try {
    whole.truncate(0);
    let at = 0;
    for (const piece of piecesBefore(access.getSize(), access)) at = writeAll(whole, piece, at);
    whole.flush();
  } finally {
    whole.close();
  }
}

/** @param {number} end @param {FileSystemSyncAccessHandle} access */
function* piecesBefore(end, access) {
  for (let at = 0; at < end; at += PART) {
    const piece = new Uint8Array(Math.min(PART, end - at));
    access.read(piece, { at });
    yield piece;
  }
}

/** @param {FileSystemSyncAccessHandle} access @param {Uint8Array} bytes @param {number} at @returns {number} where they end */
function writeAll(access, bytes, at) {
  for (let from = 0; from < bytes.length;) {
    const written = access.write(bytes.subarray(from), { at: at + from });
    if (!written) throw new Error();
    from += written;
  }
  return at + bytes.length;
}

/** Pieces are given to the browser, which lays many of them out of memory. @returns {Sink} */
function inMemory() {
  /** @type {Blob[]} */
  const parts = [];
  return {
    stored: false,
    put: (piece) => void parts.push(new Blob([new Uint8Array(piece)])),
    done: async (look) => seen(new Blob(parts), look),
    discard: async () => {},
  };
}

/** @template T @param {Blob} whole @param {(whole: Blob) => T} look */
const seen = (whole, look) => ({ whole, found: look(whole) });

/** How many bytes the browser gives this site yet; where it does not say, enough. */
async function free() {
  const { quota, usage } = (await navigator.storage.estimate?.()) ?? {};
  return quota === undefined ? Infinity : quota - (usage ?? 0);
}

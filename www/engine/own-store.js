/**
 * The networks that a visitor brought, kept in this browser: one file each, in the site's own part
 * of the disk. All of it may be refused, as in private windows; then a network is there until the
 * page is left. Workers only.
 */
import { asError } from './errors.js';

/** @typedef {{ id: string, file: File }} Owned */

const FOLDER = 'own';
const ENDING = '.safetensors';
/** A file that is not whole for so long was left behind. Milliseconds. */
const LEFT_BEHIND = 600_000;
/** Bytes that are moved at a time. */
const PART = 4 << 20;

/** @returns {Promise<FileSystemDirectoryHandle>} */
const folder = async () =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

/** @param {string} id */
const nameOf = (id) => `${id}${ENDING}`;

/** All that are kept. @returns {Promise<Owned[]>} none where nothing may be kept */
export async function listOwn() {
  /** @type {Owned[]} */
  const found = [];
  try {
    const entries = /** @type {AsyncIterable<FileSystemHandle>} */ (
      /** @type {any} */ (await folder()).values()
    );
    for await (const entry of entries) {
      if (entry.kind !== 'file' || !entry.name.endsWith(ENDING)) continue;
      const file = await /** @type {FileSystemFileHandle} */ (entry).getFile();
      found.push({ id: entry.name.slice(0, -ENDING.length), file });
    }
  } catch {
    // Nothing may be kept here.
  }
  return found.sort((a, b) => a.file.lastModified - b.file.lastModified);
}

/** @param {string} id @returns {Promise<File | null>} */
export async function openOwn(id) {
  try {
    return await (await (await folder()).getFileHandle(nameOf(id))).getFile();
  } catch {
    return null;
  }
}

/** @param {string} id */
export async function forgetOwn(id) {
  try {
    await (await folder()).removeEntry(nameOf(id));
  } catch (error) {
    if (asError(error).name !== 'NotFoundError') throw error;
  }
}

/** Whether a file that is not whole was left behind, rather than being written now. @param {File} file */
export const isLeftBehind = ({ lastModified }) => Date.now() - lastModified > LEFT_BEHIND;

/**
 * @typedef {object} Sink takes a file as it is written
 * @property {(bytes: Uint8Array) => void} put
 * @property {() => Promise<Blob>} done
 * @property {() => Promise<void>} discard
 * @property {boolean} stored or only there until the page is left
 */

/**
 * @param {string} id
 * @param {number} bytes how many there will be, about
 * @returns {Promise<Sink>}
 */
export async function sinkFor(id, bytes) {
  try {
    if ((await free()) < bytes) return inMemory();
    const handle = await (await folder()).getFileHandle(nameOf(id), { create: true });
    const access = await handle.createSyncAccessHandle();
    access.truncate(0);
    return onDisk(id, handle, access);
  } catch {
    return inMemory();
  }
}

/**
 * Should the disk be full before the end, what was written goes on in memory.
 * @param {string} id
 * @param {FileSystemFileHandle} handle
 * @param {FileSystemSyncAccessHandle} access
 * @returns {Sink}
 */
function onDisk(id, handle, access) {
  let at = 0;
  /** @type {Sink | null} */
  let instead = null;
  return {
    get stored() {
      return !instead;
    },
    put(piece) {
      if (instead) return instead.put(piece);
      const begun = at;
      try {
        for (let from = 0; from < piece.length;) {
          const written = access.write(piece.subarray(from), { at });
          if (!written) throw new Error();
          from += written;
          at += written;
        }
      } catch {
        instead = inMemory();
        for (let from = 0; from < begun; from += PART) {
          const part = new Uint8Array(Math.min(PART, begun - from));
          access.read(part, { at: from });
          instead.put(part);
        }
        access.truncate(0);
        instead.put(piece);
      }
      return undefined;
    },
    async done() {
      if (!instead) access.flush();
      access.close();
      if (!instead) return handle.getFile();
      await forgetOwn(id);
      return instead.done();
    },
    async discard() {
      access.close();
      await forgetOwn(id);
    },
  };
}

/** Pieces are given to the browser, which lays many of them out of memory. @returns {Sink} */
function inMemory() {
  /** @type {Blob[]} */
  const parts = [];
  return {
    stored: false,
    put: (piece) => void parts.push(new Blob([new Uint8Array(piece)])),
    done: async () => new Blob(parts),
    discard: async () => {},
  };
}

/** How many bytes the browser gives this site yet; where it does not say, enough. */
async function free() {
  const { quota, usage } = (await navigator.storage.estimate?.()) ?? {};
  return quota === undefined ? Infinity : quota - (usage ?? 0);
}

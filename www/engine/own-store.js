/**
 * The networks that a visitor brought, kept in this browser: one file each, in the site's own part
 * of the disk. All of it may be refused, as in private windows; then a network is there until the
 * page is left. Workers only.
 */
import { asError } from './errors.js';

/** @typedef {{ id: string, file: File }} Owned */

const FOLDER = 'own';
const ENDING = '.safetensors';
/** Of a file that is being written: it takes its place only once it is whole. */
export const PART_ENDING = '.part';
/** A file that nobody holds, and that is not whole for so long, was left behind. Milliseconds. */
const LEFT_BEHIND = 10_000;

/** @returns {Promise<FileSystemDirectoryHandle>} */
export const folder = async () =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

/** @param {string} id */
export const nameOf = (id) => `${id}${ENDING}`;

/** All that are kept. @returns {Promise<Owned[]>} none where nothing may be kept */
export async function listOwn() {
  /** @type {Owned[]} */
  const found = [];
  try {
    await removeLeftBehind();
    for (const handle of await handles()) {
      if (!handle.name.endsWith(ENDING)) continue;
      const file = await handle.getFile().catch(() => null);
      if (file) found.push({ id: handle.name.slice(0, -ENDING.length), file });
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
export const forgetOwn = (id) => remove(nameOf(id));

/** @param {string} name of a file */
export async function remove(name) {
  try {
    await (await folder()).removeEntry(name);
  } catch (error) {
    if (asError(error).name !== 'NotFoundError') throw error;
  }
}

/** All files, whole or not. */
async function handles() {
  /** @type {FileSystemFileHandle[]} */
  const all = [];
  const entries = /** @type {AsyncIterable<FileSystemHandle>} */ (
    /** @type {any} */ (await folder()).values()
  );
  for await (const entry of entries)
    if (entry.kind === 'file') all.push(/** @type {FileSystemFileHandle} */ (entry));
  return all;
}

/** Whether a file that is not whole was left behind, rather than being written now. @param {File} file */
export const isLeftBehind = ({ lastModified }) => Date.now() - lastModified > LEFT_BEHIND;

/** Parts whose page or worker ended while it wrote them. */
export async function removeLeftBehind() {
  for (const handle of await handles())
    if (handle.name.endsWith(PART_ENDING) && (await isAbandoned(handle)))
      await remove(handle.name).catch(() => {});
}

/** Who writes a part holds it, and exchanges it a moment later. @param {FileSystemFileHandle} part */
async function isAbandoned(part) {
  try {
    if (!isLeftBehind(await part.getFile())) return false;
    (await part.createSyncAccessHandle()).close();
    return true;
  } catch {
    return false;
  }
}

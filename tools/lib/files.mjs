/** Files of the repository, and hashes of them. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string | Uint8Array} bytes */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * All files under these paths (files or folders, from the root), sorted.
 * @param {string[]} paths
 * @returns {Promise<string[]>}
 */
export async function filesUnder(paths) {
  const found = [];
  for (const item of paths) {
    const full = path.join(root, item);
    if (!existsSync(full)) continue;
    if ((await stat(full)).isDirectory()) {
      const names = await readdir(full);
      found.push(...(await filesUnder(names.map((name) => path.posix.join(item, name)))));
    } else {
      found.push(item);
    }
  }
  return found.sort();
}

/**
 * One hash of the names and bytes of all files under these paths.
 * @param {string[]} paths
 * @param {(file: string) => boolean} [takes] leaves out files
 */
export async function hashOf(paths, takes = () => true) {
  const hash = createHash('sha256');
  for (const file of (await filesUnder(paths)).filter(takes)) {
    hash.update(`${file}\0`);
    hash.update(sha256(await readFile(path.join(root, file))));
  }
  return hash.digest('hex');
}

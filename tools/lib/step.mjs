/**
 * A step of a build says what it does, how long it took, and, if it fails,
 * why. What was done before and is still right is skipped: a step's stamp,
 * under target/stamps, is a hash of all that its result depends on.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './files.mjs';

const stamps = path.join(root, 'target/stamps');
const stampOf = (/** @type {string} */ name) => path.join(stamps, name.replaceAll(' ', '-'));

/** What a person can mend; its message is all that is printed of it. */
export class StepFailed extends Error {}

/** @param {number} since as `performance.now()` gave it */
export function secondsSince(since) {
  const seconds = (performance.now() - since) / 1000;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * @param {string} name
 * @param {string} does what the step does, for a person who waits for it
 * @param {() => Promise<void>} work
 * @param {{ key: string, makes: string[] }} [unless] skips the step if it was
 *   last done with this key and all that it makes (paths from the root) is there
 * @returns {Promise<boolean>} whether anything was done
 */
export async function step(name, does, work, unless) {
  if (unless && (await isDone(name, unless))) {
    console.log(`[${name}] already done`);
    return false;
  }
  console.log(`[${name}] ${does}`);
  const start = performance.now();
  try {
    await work();
  } catch (error) {
    if (error instanceof StepFailed) {
      error.message = `[${name}] failed after ${secondsSince(start)}: ${error.message}`;
    }
    throw error;
  }
  if (unless) {
    await mkdir(stamps, { recursive: true });
    await writeFile(stampOf(name), unless.key);
  }
  console.log(`[${name}] done in ${secondsSince(start)}`);
  return true;
}

/**
 * Whether a step was last done with this key, and all that it makes is there.
 * @param {string} name
 * @param {{ key: string, makes: string[] }} result
 */
export async function isDone(name, { key, makes }) {
  const before = await readFile(stampOf(name), 'utf8').catch(() => null);
  return before === key && makes.every((file) => existsSync(path.join(root, file)));
}

/** A server of a test's own, which can be stopped, with a copy of the page that can be changed. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serve } from '../../tools/lib/serve.mjs';
import { test as base } from './visit.js';

/**
 * @import { Fixtures, PlaywrightTestArgs, PlaywrightTestOptions, PlaywrightWorkerArgs } from '@playwright/test'
 * @typedef {{ provokes: (pattern: RegExp) => void }} Watch
 * @typedef {object} Site
 * @property {string} address
 * @property {() => void} stop
 * @property {(name: string) => string} file
 * @property {(name: string, text: string) => Promise<void>} write
 * @property {(name: string) => Promise<void>} remove
 */

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** @type {Fixtures<{ site: Site }, {}, PlaywrightTestArgs & PlaywrightTestOptions & Watch, PlaywrightWorkerArgs>} */
const fixtures = {
  site: async ({ provokes }, use) => {
    const folder = await mkdtemp(path.join(root, 'target/site-'));
    // Links, not copies: files that a test changes are written anew.
    await promisify(execFile)('cp', ['-al', `${path.join(root, 'dist')}/.`, folder]);
    const { address, close } = await serve(folder, { below: '/below/' });
    provokes(new RegExp(`^request to ${address}`));
    const remove = async (/** @type {string} */ name) => {
      for (const end of ['', '.br', '.gz'])
        await rm(path.join(folder, name + end), { force: true });
    };
    await use({
      address,
      stop: close,
      file: (/** @type {string} */ name) => path.join(folder, name),
      remove,
      write: async (/** @type {string} */ name, /** @type {string} */ text) => {
        await remove(name);
        await writeFile(path.join(folder, name), text);
      },
    });
    close();
    await rm(folder, { recursive: true });
  },
};

export const test = base.extend(fixtures);

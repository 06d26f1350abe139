/**
 * What a first visit downloads: up to the first answer, which the CPU gives, and
 * what the GPU adds where there is one. A browser says which files; how large
 * each is packed is read off dist/, where the build has put the packed copies.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { filesUnder, root } from './files.mjs';

/**
 * @typedef {object} Bytes
 * @property {number} raw
 * @property {number} gzip as a server sends them that has the `.gz` copies
 * @property {number} brotli and with the `.br` copies
 *
 * @typedef {Bytes & { file: string }} Download
 * @typedef {{ files: Download[], sum: Bytes }} Downloads files are the largest first
 */

/** The GPU's module: its JavaScript, and its wasm for browsers of today. */
const GPU = /^dist\/(gpu\.[0-9a-f]+\.js|gpu\/foolscope_bg\.[^/]+\.wasm)$/;

/**
 * @param {import('@playwright/test').Page} page one that has visited nothing yet
 * @param {string} address where dist/ is served, with a slash at its end
 * @returns {Promise<{ answer: Downloads, gpu: Downloads }>}
 */
export async function firstVisit(page, address) {
  /** @type {Set<string>} */
  const seen = new Set();
  const note = (/** @type {import('@playwright/test').Request} */ request) => {
    const [url] = request.url().split(/[?#]/);
    if (url.startsWith(address)) seen.add(`dist/${url.slice(address.length) || 'index.html'}`);
  };
  page.on('requestfinished', note);
  await page.goto(`${address}?device=cpu`);
  await page.locator('live-exhibit[data-state="answered"]').waitFor({ timeout: 120_000 });
  page.off('requestfinished', note);
  const gpu = (await filesUnder(['dist'])).filter((file) => GPU.test(file));
  return { answer: await downloads([...seen]), gpu: await downloads(gpu) };
}

/** @param {string[]} files @returns {Promise<Downloads>} */
async function downloads(files) {
  const sizes = await Promise.all(
    files.map(async (file) => {
      const raw = (await sizeOf(file)) ?? 0;
      const [gzip, brotli] = [(await sizeOf(`${file}.gz`)) ?? raw, await sizeOf(`${file}.br`)];
      return { file: file.slice('dist/'.length), raw, gzip, brotli: brotli ?? gzip };
    }),
  );
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  for (const { raw, gzip, brotli } of sizes) {
    sum.raw += raw;
    sum.gzip += gzip;
    sum.brotli += brotli;
  }
  return { files: sizes.sort((a, b) => b.raw - a.raw), sum };
}

/** Null where there is no such file. @param {string} file */
const sizeOf = (file) =>
  stat(path.join(root, file)).then(
    ({ size }) => size,
    () => null,
  );

/**
 * Packed copies beside the files of dist/: `x.wasm.br` and `x.wasm.gz` beside
 * `x.wasm`, for servers that send those where the browser takes them. Only where
 * it is worth it: weights and photos hardly shrink, and are not tried.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { filesUnder, hashOf, root, sha256 } from '../lib/files.mjs';
import { step } from '../lib/step.mjs';

/** By the hash of what was packed, so that a rebuild packs only what changed. */
const cache = path.join(root, 'target/packed');

const PACKS = /\.(wasm|js|css|html|json|npy)$/;
/** A copy that saves less is not worth its place. */
const WORTH = 0.9;
/** Packing hardest takes a minute where there is much, and saves a tenth. @param {number} bytes */
const quality = (bytes) => (bytes > 12e6 ? 5 : bytes > 4e6 ? 9 : constants.BROTLI_MAX_QUALITY);

const brotli = (/** @type {Buffer} */ bytes) =>
  promisify(brotliCompress)(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality(bytes.length),
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

/** @type {[string, (bytes: Buffer) => Promise<Buffer>][]} */
const WAYS = [
  ['br', brotli],
  ['gz', (bytes) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION })],
];

const isCopy = (/** @type {string} */ file) => /\.(br|gz)$/.test(file);

export async function packPage() {
  await step(
    'packed copies',
    'packing dist/ for servers that send packed files',
    async () => {
      await mkdir(cache, { recursive: true });
      const files = (await filesUnder(['dist'])).filter((file) => PACKS.test(file));
      const used = new Set();
      // As many at once as there are threads for it: node holds the rest back itself.
      await Promise.all(
        files.map(async (file) => {
          for (const name of await pack(file)) used.add(name);
        }),
      );
      for (const name of await readdir(cache)) {
        if (!used.has(name)) await rm(path.join(cache, name));
      }
    },
    {
      key: await hashOf(['dist', 'tools/steps/packed.mjs'], (file) => !isCopy(file)),
      makes: ['dist/index.html.br', 'dist/index.html.gz'],
    },
  );
}

/**
 * @param {string} file
 * @returns {Promise<string[]>} what of the cache it needs
 */
async function pack(file) {
  const bytes = await readFile(path.join(root, file));
  const hash = sha256(bytes);
  const names = [];
  for (const [end, how] of WAYS) {
    const name = `${hash}.${end}`;
    const kept = path.join(cache, name);
    names.push(name);
    if (!existsSync(kept)) {
      const made = await how(bytes);
      // Nothing in it means: not worth it, and not to be tried again.
      await writeFile(`${kept}.part`, made.length < WORTH * bytes.length ? made : '');
      await rename(`${kept}.part`, kept);
    }
    if ((await stat(kept)).size) await copyFile(kept, path.join(root, `${file}.${end}`));
  }
  return names;
}

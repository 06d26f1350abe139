import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import webpack from 'webpack';
import { translated } from '../../tools/lib/translated.mjs';

const FILES = {
  'words/common.js': `export const NO = 'no';\n`,
  'words/live.js': `import { NO } from './common.js';\nexport const SAID = 'said ' + NO;\n`,
  'words/noises.js': `import { NO } from './common.js';\nexport const HEARD = 'heard ' + NO;\n`,
  // Translated in part: what is not lies in English beside it.
  'words-fr/live.js': `import { NO } from './common.js';\nexport const SAID = 'dit ' + NO;\n`,
  'parts/part.js': `export { SAID } from '../words/live.js';\nexport { HEARD } from '../words/noises.js';\n`,
};

/** @param {import('node:test').TestContext} context */
async function www(context) {
  const folder = await mkdtemp(path.join(tmpdir(), 'foolscope-words-'));
  context.after(() => rm(folder, { recursive: true }));
  for (const [file, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  return folder;
}

/**
 * What a page made by webpack says.
 * @param {string} folder
 * @param {string} [language]
 */
async function built(folder, language) {
  const compiler = webpack({
    mode: 'production',
    context: folder,
    entry: './parts/part.js',
    experiments: { outputModule: true },
    output: {
      path: path.join(folder, 'dist'),
      filename: `${language}.mjs`,
      library: { type: 'module' },
    },
    resolve: { alias: translated(folder, language) },
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  assert.deepEqual(stats?.toJson({ all: false, errors: true }).errors, []);
  const { SAID, HEARD } = await import(
    pathToFileURL(path.join(folder, 'dist', `${language}.mjs`)).href
  );
  return [SAID, HEARD];
}

test('a translated file takes the place of the English one, and the others stay', async (context) => {
  const folder = await www(context);
  assert.deepEqual(await built(folder), ['said no', 'heard no']);
  assert.deepEqual(await built(folder, 'fr'), ['dit no', 'heard no']);
});

test('a translation that is not there is told', async (context) => {
  const folder = await www(context);
  assert.throws(() => translated(folder, 'de'), /words-de: copy .* there/);
});

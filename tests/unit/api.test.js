import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { apiFile, apiPage } from '../../tools/api/page.mjs';
import { root } from '../../tools/lib/files.mjs';

test('docs/api.md says what the engine’s types say', async () => {
  const page = await apiPage();
  const written = await readFile(path.join(root, apiFile), 'utf8');
  assert.equal(written, page, 'it is old: npm run api');
});

test('every call and what it takes and gives is described', async () => {
  const page = await apiPage();
  for (const call of [
    'createEngine',
    'loadPicture',
    'deepfool',
    'universal',
    'toNpy',
    'fitPicture',
  ]) {
    assert.match(page, new RegExp(`^### \`${call}\`\n\n\\w`, 'm'));
  }
  for (const type of ['EngineOptions', 'Found', 'NetworkInfo', 'Picture', 'UniversalResult']) {
    assert.match(page, new RegExp(`(interface|type) ${type}\\b`));
  }
  // A heading with nothing said below it.
  assert.doesNotMatch(page, /^### `\w+`\n\n```/m);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { files, text } from '../../tools/measured/files.mjs';

test('the README says what www/results say, and its plots show it', async () => {
  for (const [file, content] of Object.entries(await files())) {
    assert.equal(await text(file), content, `${file} is old: npm run measured`);
  }
});

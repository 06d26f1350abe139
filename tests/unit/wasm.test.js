/**
 * The linked module is a reactor. Were it a command, the linker would wrap each
 * export so that it runs all static constructors, thousands of them, at every
 * call from JavaScript: unnoticed, that made a real GPU seventy times slower.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as wasm from '../../www/wasm/foolscope.js';

const folder = new URL('../../www/wasm/', import.meta.url);
// Node 20 knows no relaxed instructions unless told to; both files come from one link.
const bytes = await readFile(new URL('foolscope_simd128.wasm', folder));

test('no export is wrapped to run the constructors', async () => {
  const glue = await readFile(new URL('foolscope.js', folder), 'utf8');
  assert.doesNotMatch(glue, /command_export/);
  const names = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);
  assert.ok(names.includes('__wbindgen_start'));
  assert.deepEqual(
    names.filter((name) => name.includes('command_export')),
    [],
  );
});

test('the constructors run once, however often the module is called', () => {
  wasm.initSync({ module: bytes });
  for (let call = 0; call < 3; call++) assert.ok(wasm.catalogue().length > 0);
  assert.equal(wasm.constructorRuns(), 1);
});

/**
 * The three linked modules. Each is a reactor: were it a command, the linker would
 * wrap each export so that it runs all static constructors, thousands of them, at
 * every call from JavaScript; unnoticed, that made a real GPU seventy times slower.
 * And the CPU's holds nothing of the GPU's, so that it stays a small download.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as cpu from '../../www/wasm/cpu/foolscope.js';
import * as explore from '../../www/wasm/explore/foolscope.js';
import * as gpu from '../../www/wasm/gpu/foolscope.js';

/** What every visitor downloads, packed. Of a whole build: `--quick` leaves more in. */
const LARGEST_CPU = 700_000;

/** What only a shader compiler says. */
const SHADERS = ['@workgroup_size', 'requestAdapter', 'createComputePipeline'];

/** @param {'cpu' | 'explore' | 'gpu'} module @param {string} file */
const read = (module, file) =>
  readFile(new URL(`../../www/wasm/${module}/${file}`, import.meta.url));

for (const [module, wasm] of /** @type {const} */ ([
  ['cpu', cpu],
  ['explore', explore],
  ['gpu', gpu],
])) {
  // Node 20 knows no relaxed instructions unless told to; both files come from one link.
  const bytes = await read(module, 'foolscope_simd128.wasm');

  test(`${module}: no export is wrapped to run the constructors`, async () => {
    const glue = await read(module, 'foolscope.js');
    assert.doesNotMatch(glue.toString(), /command_export/);
    const names = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);
    assert.ok(names.includes('__wbindgen_start'));
    assert.deepEqual(
      names.filter((name) => name.includes('command_export')),
      [],
    );
  });

  test(`${module}: the constructors run once, however often the module is called`, () => {
    wasm.initSync({ module: bytes });
    for (let call = 0; call < 3; call++) assert.ok(wasm.catalogue().length > 0);
    assert.equal(wasm.constructorRuns(), 1);
  });
}

test('the CPU’s module holds no shader compiler, the GPU’s does', async () => {
  const found = async (/** @type {'cpu' | 'explore' | 'gpu'} */ module) => {
    const text = [await read(module, 'foolscope_bg.wasm'), await read(module, 'foolscope.js')].map(
      (bytes) => bytes.toString('latin1'),
    );
    return SHADERS.filter((word) => text.some((part) => part.includes(word)));
  };
  assert.deepEqual(await found('gpu'), SHADERS);
  assert.deepEqual(await found('cpu'), []);
  assert.deepEqual(await found('explore'), []);
});

test('the CPU’s module is a small download', async () => {
  const sizes = await Promise.all(
    ['foolscope_bg.wasm', 'foolscope_simd128.wasm'].map(
      async (file) => gzipSync(await read('cpu', file), { level: 9 }).length,
    ),
  );
  for (const size of sizes) assert.ok(size <= LARGEST_CPU, `${size} bytes, packed`);
});

test('the larger modules have the face of the least and more, and their sessions know more', () => {
  const faces = [cpu, explore, gpu].map((module) => Object.keys(module).sort());
  const [face, ...larger] = faces;
  assert.deepEqual(larger[1], larger[0]);
  for (const name of [...face, 'Import']) assert.ok(larger[0].includes(name), name);
  assert.ok(!face.includes('Import'));
  const [least, ...more] = [cpu, explore, gpu].map(({ Session }) =>
    Object.getOwnPropertyNames(Session.prototype),
  );
  assert.ok(!least.includes('section'));
  for (const calls of more) {
    for (const call of [...least, 'section']) assert.ok(calls.includes(call), call);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { knowsRelaxedSimd } from '../../www/engine/relaxed-simd.js';

test('a browser with relaxed instructions is recognised', () => {
  // Node 20 knows them only when told to.
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  assert.equal(knowsRelaxedSimd(), true);
});

test('one that refuses the probe is not', (context) => {
  context.mock.method(WebAssembly, 'validate', (/** @type {Uint8Array} */ bytes) => {
    assert.deepEqual([...bytes.slice(0, 4)], [0, 0x61, 0x73, 0x6d]);
    return false;
  });
  assert.equal(knowsRelaxedSimd(), false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNotTransparent, checkSize, sizeInHeader } from '../../www/engine/pictures.js';

/** The first bytes of a PNG of this size. @param {number} width @param {number} height */
function pngHeader(width, height) {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return new Blob([bytes]);
}

test('the size is known before anything is decoded', async () => {
  assert.deepEqual(await sizeInHeader(pngHeader(12_000, 9_000)), {
    width: 12_000,
    height: 9_000,
    turned: false,
  });
  assert.equal(await sizeInHeader(new Blob(['These are notes.'])), null);
  assert.equal(await sizeInHeader(new Blob([new Uint8Array(1 << 20)])), null);
});

test('too small and too large are refused, each with what to do', () => {
  assert.throws(() => checkSize(1, 1), { name: 'PictureTooSmall', message: /Choose one with/ });
  assert.throws(() => checkSize(40_000, 30_000), {
    name: 'PictureTooLarge',
    message: /40,000 × 30,000.*Make it smaller/,
  });
  checkSize(16, 4000);
  // What phones make.
  checkSize(16_320, 12_240);
});

test('a picture without anything on it is told', () => {
  const data = new Uint8ClampedArray(16);
  const pixels = /** @type {ImageData} */ ({ data, width: 2, height: 2 });
  assert.throws(() => checkNotTransparent(pixels), { message: /wholly transparent/ });
  data[7] = 1;
  checkNotTransparent(pixels);
});

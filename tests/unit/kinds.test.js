import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNoPicture } from '../../www/engine/kinds.js';

const bytes = (/** @type {string} */ text) => Uint8Array.from(text, (c) => c.charCodeAt(0));

for (const [what, head, said] of /** @type {const} */ ([
  ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', /HEIC.*iPhones.*Export it as JPEG/],
  ['AVIF', '\0\0\0\x1cftypavif\0\0\0\0avifmif1', /AVIF/],
  ['a film', '\0\0\0\x18ftypmp42\0\0\0\0isom', /film/],
  ['SVG', '<?xml version="1.0"?>\n<!-- by hand -->\n<svg xmlns="x">', /SVG.*Export it as PNG/],
  ['SVG without a prologue', '<svg width="3">', /SVG/],
  ['PDF', '%PDF-1.7', /PDF/],
  ['TIFF', 'II*\0\x08', /TIFF/],
  ['half a JPEG', '\xff\xd8\xff\xe0', /damaged or incomplete/],
  ['nothing', '', /empty/],
  ['text', 'These are notes.', /not a picture that the browser can read/],
])) {
  test(`${what} is named, with what to do`, () => {
    const sentence = whyNoPicture(bytes(head));
    assert.match(sentence, said);
    assert.match(sentence, /(Choose|Export|Copy) .*\.$/);
  });
}

/** Files that are read in pieces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { piecesOf } from '../../www/engine/pieces.js';

/** Bytes that tell where they lie. */
const SIZE = 20_000_003;
const all = Uint8Array.from({ length: SIZE }, (_, at) => (at * 7) % 251);

/** How much each reading of the browser's took. @type {number[]} */
let readings = [];

/** A file in memory, with the reader of a worker. */
function file() {
  readings = [];
  /** @type {any} */ (globalThis).FileReaderSync = class {
    /** @param {{ from: number, to: number }} slice */
    readAsArrayBuffer({ from, to }) {
      readings.push(to - from);
      return all.slice(from, to).buffer;
    }
  };
  const slice = (/** @type {number} */ from, /** @type {number} */ to) => ({ from, to });
  return piecesOf(/** @type {any} */ ({ size: SIZE, slice }), 'file');
}

/** @param {Uint8Array} found @param {number} from @param {number} to */
const isPart = (found, from, to) => assert.deepEqual(found, all.subarray(from, to));

test('what is read in order takes few readings, and is all of it', () => {
  const pieces = file();
  const piece = 1 << 20;
  for (let at = 0; at < SIZE; at += piece)
    isPart(pieces.read(at, piece), at, Math.min(SIZE, at + piece));
  assert.ok(readings.length <= 4, String(readings));
  assert.ok(readings.every((size) => size <= 8 << 20));
});

test('who looks here and there reads no more than was asked', () => {
  const pieces = file();
  for (const at of [0, 9_000_000, 8, SIZE - 10]) isPart(pieces.read(at, 10), at, at + 10);
  assert.deepEqual(readings, [10, 10, 10, 10]);
  isPart(pieces.read(SIZE - 4, 100), SIZE - 4, SIZE);
  isPart(pieces.read(3, 16 << 20), 3, 3 + (16 << 20));
});

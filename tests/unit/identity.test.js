/** What tells networks that were brought apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, ownTitle } from '../../www/engine/identity.js';

/** @import { KeepOptions } from '../../www/engine/types.js' */

/** @type {KeepOptions} */
const options = { title: 'One', names: 'numbers', shortSide: 36, preset: 'caffe' };
const files = [
  { name: 'net.onnx', hash: 'aa' },
  { name: 'net.onnx.data', hash: 'bb' },
];

test('the same files and choices are the same network, in whatever order and by whatever title', () => {
  const content = contentOf(files, options, []);
  assert.equal(contentOf(files.toReversed(), options, []), content);
  assert.equal(contentOf(files, { ...options, title: 'Two', licence: 'MIT' }, []), content);
});

test('another file, or another choice that changes answers or names, is another network', () => {
  const pixels = { mean: [1], deviation: [2], blueFirst: false };
  const all = [
    contentOf(files, options, []),
    contentOf(files.slice(0, 1), options, []),
    contentOf([files[0], { ...files[1], hash: 'cc' }], options, []),
    contentOf(files, { ...options, preset: 'none' }, []),
    contentOf(files, { ...options, preset: undefined }, []),
    contentOf(files, { ...options, preset: undefined, pixels }, []),
    contentOf(files, { ...options, pixels: { ...pixels, blueFirst: true } }, []),
    contentOf(files, { ...options, shortSide: 40 }, []),
    contentOf(files, { ...options, names: 'file' }, []),
    contentOf(files, { ...options, names: 'text' }, ['a', 'b']),
    contentOf(files, { ...options, names: 'text' }, ['a', 'c']),
  ];
  assert.equal(new Set(all).size, all.length);
});

test('of equal titles the later one gets a number, and stays as short as titles are', () => {
  assert.equal(ownTitle('net', [], 60), 'net');
  assert.equal(ownTitle('net', ['net'], 60), 'net 2');
  assert.equal(ownTitle('net', ['net', 'net 2', 'other'], 60), 'net 3');
  const long = 'n'.repeat(60);
  assert.equal(ownTitle(long, [long], 60), `${'n'.repeat(58)} 2`);
  assert.equal(ownTitle(`${long}n`, [], 60), long);
});

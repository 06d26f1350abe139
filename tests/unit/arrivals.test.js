import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNoise, report } from '../../www/pictures/arrivals.js';

const files = (/** @type {string[]} */ ...titles) => titles.map((title) => ({ title }));
const why = 'This file is not a picture.';

test('one good file needs no word, one bad file its reason', () => {
  assert.equal(report(files('a.jpg'), [], [], false), '');
  assert.equal(report(files('a.txt'), [{ name: 'a.txt', why }], [], false), why);
});

test('of several files each bad one and each that is left out is named', () => {
  const all = files('a.txt', 'b.png', 'c.png');
  const said = report(all, [{ name: 'a.txt', why }], files('c.png'), false);
  assert.match(said[0], /^One picture is shown at a time/);
  assert.deepEqual(said.slice(1), ['Left out: c.png.', `a.txt: ${why}`]);
  const both = files('a.txt', 'b.png');
  assert.deepEqual(report(both, [{ name: 'a.txt', why }], [], false), [
    'The first picture among these 2 files is shown.',
    `a.txt: ${why}`,
  ]);
  const none = both.map(({ title }) => ({ name: title, why }));
  assert.match(report(both, none, [], false)[0], /^None of these 2 files/);
});

test('many names are cut short, and said to be', () => {
  const all = files(...Array.from({ length: 9 }, (_, index) => `${index}.png`));
  const told = (/** @type {boolean} */ more) => report(all, [], all.slice(1), more)[1];
  assert.equal(told(false), 'Left out: 1.png, 2.png, 3.png, 4.png, 5.png and 3 more.');
  assert.equal(told(true), 'Left out: 1.png, 2.png, 3.png, 4.png, 5.png and many more.');
});

test('a noise is known by its name in any case', () => {
  const named = (/** @type {string} */ name) => isNoise(/** @type {File} */ ({ name }));
  assert.deepEqual([named('a.npy'), named('UPPER.NPY'), named('npy.png')], [true, true, false]);
});

/** What is to be mended in the form of a network that somebody brings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NUMBERS, firstWishes, optionsOf, wrongIn } from '../../www/shell/bring-wishes.js';

/** @import { ImportAbout } from '../../www/engine/types.js' */

/** @type {ImportAbout} */
const about = {
  title: 'net',
  format: 'ONNX',
  file: 'net.onnx',
  side: 32,
  channels: 3,
  classes: 8,
  parameters: 100,
  multiplyAdds: 100,
  notes: [],
  knowsPixels: false,
  preset: null,
  names: 'numbers',
  shortSide: 36,
  mostShortSide: 16_384,
  longestTitle: 60,
  presets: [],
  licence: '',
};
const good = { ...firstWishes(about), preset: 'caffe' };

test('what can be kept is not wrong', () => {
  assert.deepEqual(wrongIn(about, good), {});
  assert.deepEqual(wrongIn({ ...about, knowsPixels: true }, { ...good, preset: '' }), {});
  assert.equal(optionsOf(about, good).shortSide, 36);
});

test('how pixels go in has to be chosen', () => {
  assert.match(wrongIn(about, firstWishes(about)).preset ?? '', /^Choose /);
});

test('numbers have to be numbers, and deviations more than 0', () => {
  const typed = { ...good, preset: NUMBERS };
  assert.deepEqual(wrongIn(about, typed), {});
  const wrong = wrongIn(about, {
    ...typed,
    mean: ['1', '', '3'],
    deviation: ['1', '0', '3'],
  });
  assert.deepEqual(Object.keys(wrong), ['mean', 'deviation']);
  // Of a preset that is not chosen they do not matter.
  assert.deepEqual(wrongIn(about, { ...good, mean: ['', '', ''] }), {});
});

test('the short side is a whole number in which the network’s picture finds room', () => {
  for (const shortSide of ['', '5', '36.5', '99999', '-40'])
    assert.match(wrongIn(about, { ...good, shortSide }).shortSide ?? '', /from 32 to 16,384\.$/);
  for (const shortSide of ['32', '16384'])
    assert.deepEqual(wrongIn(about, { ...good, shortSide }), {});
});

test('names from a file need the file', () => {
  const asked = /** @type {const} */ ({ ...good, names: 'text' });
  assert.match(wrongIn(about, asked).names ?? '', /with 8 names\.$/);
  assert.deepEqual(wrongIn(about, { ...asked, text: 'a', read: ['a'] }), {});
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OWN_PICTURE, TABLE, readSettings, writeSettings } from '../../www/state.js';

test('an empty address gives the defaults, and they leave it empty', () => {
  const settings = readSettings('');
  for (const [name, entry] of Object.entries(TABLE)) {
    assert.deepEqual(settings[/** @type {keyof typeof settings} */ (name)], entry.default);
  }
  assert.equal(writeSettings(settings), '');
});

test('what is written is read again', () => {
  const search =
    '?device=gpu&sample=china&noise=universal&strength=7.5&theme=dark&hide=header,footer';
  const settings = readSettings(search);
  assert.equal(settings.strength, 7.5);
  assert.deepEqual(settings.hide, ['header', 'footer']);
  assert.equal(writeSettings(settings), search);
});

test('what cannot be understood is left at its default', () => {
  const settings = readSettings('?device=abacus&strength=lots&theme=&exhibit=zoo&unknown=1');
  assert.equal(writeSettings(settings), '');
});

test('numbers are kept in their range, lists to what exists', () => {
  assert.equal(readSettings('?strength=900').strength, 20);
  assert.equal(readSettings('?strength=-1').strength, 0);
  assert.equal(readSettings('?strength=').strength, 10);
  assert.deepEqual(readSettings('?hide=footer,everything').hide, ['footer']);
});

test('an own picture is named as such, and is not in the address', () => {
  const settings = { ...readSettings(''), sample: OWN_PICTURE };
  assert.equal(writeSettings(settings), '?sample=own');
});

test('a slider leaves no dust in the address', () => {
  const settings = { ...readSettings(''), strength: 12.000000353902578 };
  assert.equal(writeSettings(settings), '?strength=12');
  assert.equal(writeSettings({ ...settings, strength: 10.000000353902578 }), '');
});

/** What the table under a chart writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellText, heading } from '../../www/words/chart.js';

const column = { key: 'value', title: 'rate' };

test('numbers have four significant digits, whole ones all of theirs', () => {
  assert.equal(cellText(column, { value: 0.123456 }), '0.1235');
  assert.equal(cellText(column, { value: 1234567 }), '1,234,567');
  assert.equal(cellText(column, { value: 1234.567 }), '1,235');
  assert.equal(cellText(column, { value: 0 }), '0');
});

test('a column may write in its own way, and what is missing is a dash', () => {
  const percent = { ...column, format: (/** @type {number} */ share) => `${100 * share} %` };
  assert.equal(cellText(percent, { value: 0.5 }), '50 %');
  assert.equal(cellText(percent, {}), '–');
  assert.equal(cellText(percent, { value: null }), '–');
  assert.equal(heading({ ...column, unit: 'levels' }), 'rate (levels)');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesFor, passesFor, plan } from '../../www/pictures/lesson.js';

/** @param {string} name @param {number} count */
const several = (name, count) => Array.from({ length: count }, (_, index) => `${name}${index}`);
const wholes = several('sample', 8);
/** Of each two views. */
const samples = wholes.map((name) => [name, `${name} nearer`]);
const none = { samples, photos: [], frames: [] };

test('no picture is both learnt from and tried on, and none is left out', () => {
  for (const photos of [0, 1, 9]) {
    for (const frames of [0, 5, 32]) {
      for (const fromSamples of [true, false]) {
        const all = { samples, photos: several('photo', photos), frames: several('frame', frames) };
        const { own, others } = plan(all, fromSamples);
        const taken = [...own, ...others].filter((name) => !name.endsWith('nearer'));
        assert.deepEqual(taken.sort(), [...wholes, ...all.photos, ...all.frames].sort());
        const learnt = new Set(own.map((name) => name.replace(' nearer', '')));
        assert.ok(others.every((name) => !learnt.has(name.replace(' nearer', ''))));
      }
    }
  }
});

test('8 samples and 24 frames are learnt from, the frames in between are held back', () => {
  assert.equal(framesFor(24), 32);
  const lesson = plan({ ...none, frames: several('frame', framesFor(24)) }, true);
  assert.equal(lesson.own.length, 32);
  assert.deepEqual(lesson.own.slice(0, 8), wholes);
  assert.equal(lesson.ownText, '8 sample photos and 24 webcam frames');
  assert.equal(lesson.othersText, '8 webcam frames from in between');
  assert.ok(lesson.others.every((picture) => picture.startsWith('frame')));
});

test('of samples alone half are held back, and views make up for their number', () => {
  const lesson = plan(none, true);
  assert.equal(lesson.ownText, '8 views of 4 sample photos');
  assert.equal(lesson.othersText, '8 views of 4 other sample photos');
  assert.equal(lesson.others.length, 8);
  const withOne = plan({ ...none, photos: ['mine'] }, true);
  assert.equal(withOne.ownText, '8 views of 4 sample photos and 1 photo');
  const few = plan({ samples, photos: ['a'], frames: several('frame', 4) }, true, 'digit');
  assert.equal(few.ownText, '8 views of 4 digits, 1 photo and 3 webcam frames');
  assert.equal(few.othersText, '8 views of 4 other digits and 1 webcam frame from in between');
});

test('samples that are not learnt from are what it is tried on', () => {
  const lesson = plan({ ...none, photos: several('photo', 5) }, false);
  assert.deepEqual(lesson.others, wholes);
  assert.equal(lesson.ownText, '5 photos');
  assert.equal(lesson.othersText, '8 sample photos');
  assert.deepEqual(plan(none, false).own, []);
});

test('more pictures get fewer passes, however they are parted', () => {
  const passes = (/** @type {number} */ own, /** @type {number} */ others) =>
    passesFor({ own: several('own', own), others: several('other', others) });
  assert.equal(passes(32, 8), 18);
  assert.equal(passes(6, 2), 91);
  assert.ok(passes(1, 8) < passes(1, 0));
  assert.equal(passes(2000, 0), 1);
});

test('the words count in singular and plural', () => {
  const lesson = plan({ samples, photos: ['a'], frames: several('frame', 36) }, true);
  assert.equal(lesson.ownText, '8 sample photos, 1 photo and 27 webcam frames');
  assert.equal(lesson.othersText, '9 webcam frames from in between');
});

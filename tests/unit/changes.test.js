/** What an address says of a patch and a move, and what is said of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GREY,
  STILL,
  asColour,
  inside,
  readColour,
  readMove,
  readPatch,
  writeMove,
  writePatch,
} from '../../www/exhibits/changes/values.js';
import { moveSentence, patchSentence } from '../../www/words/changes.js';
import { plainText } from '../../www/words/common.js';

test('what an address says is read back, and nonsense is as if it were not there', () => {
  const patch = { x: 3, y: 20, side: 12 };
  assert.deepEqual(readPatch(writePatch(patch), 32), patch);
  const usual = { x: 12, y: 12, side: 8 };
  for (const text of ['', '1,2', '1,2,3,4', 'a,b,c', '1,,3', '1,2,Infinity'])
    assert.deepEqual(readPatch(text, 32), usual, text);
  assert.deepEqual(readPatch('-5,99,200', 32), { x: 0, y: 0, side: 32 });
  assert.deepEqual(inside({ x: 30, y: -2, side: 5.4 }, 32), { x: 27, y: 0, side: 5 });

  const moved = { right: -1.25, down: 3, degrees: 12.5, scale: 0.9 };
  assert.deepEqual(readMove(writeMove(moved), 32), moved);
  assert.deepEqual(readMove('', 32), STILL);
  assert.deepEqual(readMove('99,-99,999,0', 32), {
    right: 8,
    down: -8,
    degrees: 45,
    scale: 0.35,
  });
});

test('a colour is one of the picture’s own kind', () => {
  assert.equal(readColour('ff8000', 3), 'ff8000');
  assert.equal(readColour('ff8000', 1), GREY);
  assert.equal(readColour('ffffff', 1), 'ffffff');
  assert.equal(readColour('red', 3), GREY);
  assert.deepEqual(asColour('ff0080', 3), [1, 0, 128 / 255]);
  assert.deepEqual(asColour('808080', 1), [128 / 255]);
});

/** @param {string} name @param {number} label */
const answer = (name, label) => ({ top: [{ name, label, probability: 0.9, logit: 1 }] });

test('the sentences hold the numbers that were seen', () => {
  const clean = answer('cat', 1);
  const changed = {
    answer: answer('dog', 2),
    saved: answer('cat', 1),
    rgba: new Uint8Array(),
    distance: 1.54,
  };
  const about = { network: 'LeNet', clean, changed, width: 32, stride: 2 };
  assert.equal(
    plainText(patchSentence({ ...about, patch: { x: 0, y: 0, side: 8 }, how: 'smallest' })),
    'The smallest patch that was found, 8 × 8 pixels, 6.3\u00a0% of the picture, turns cat into dog. One pixel smaller, it changed the answer nowhere, at places 2 pixels apart.',
  );
  assert.equal(
    plainText(patchSentence({ ...about, patch: { x: 0, y: 0, side: 1 }, how: 'hand' })),
    'A patch of one pixel, 0.098\u00a0% of the picture, turns cat into dog.',
  );
  assert.equal(
    plainText(
      moveSentence({
        ...about,
        moved: { right: 1.5, down: -0.25, degrees: -3, scale: 1.02 },
        how: 'smallest',
      }),
    ),
    'The smallest move that was found, shifted 1.5 pixels to the right and 0.25 pixels up, turned by 3° anticlockwise and zoomed to 102\u00a0%, moves points by 1.5 pixels (root mean square) and turns cat into dog. Rounded to whole levels, as pictures are shown and saved, the old answer is back.',
  );
  assert.equal(
    plainText(moveSentence({ ...about, moved: STILL, how: 'hand' })),
    'As it is, LeNet says cat.',
  );
});

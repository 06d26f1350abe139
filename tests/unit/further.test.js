import assert from 'node:assert/strict';
import { test } from 'node:test';
import { search } from '../../www/classes.js';
import { readSettings, writeSettings } from '../../www/state.js';
import { plainText } from '../../www/words/common.js';
import {
  besideSentence,
  survivalSentence,
  targetedSentence,
  targetedVerdict,
  sizeNote,
  whyNotBeside,
} from '../../www/words/live.js';

/** @param {number} label @param {string} name */
const answer = (label, name) =>
  /** @type {any} */ ({ top: [{ label, name, probability: 0.6, logit: 3 }] });
const cup = answer(0, 'cup');
const fish = answer(1, 'goldfish');
const snail = answer(2, 'snail');
const target = { label: 1, name: 'goldfish' };
const found = (/** @type {any} */ adversarial, clean = cup) =>
  /** @type {any} */ ({
    clean,
    adversarial,
    fooled: adversarial !== clean,
    rho: 0.0123,
    iterations: 7,
    norms: { l2: 200, linf: 9 },
  });

test('a class is found by its whole name, or by a part that no other has', () => {
  const names = ['cup', 'coffee cup', 'goldfish', 'Goldfish bowl'];
  assert.deepEqual(search(names, 'cup'), [0]);
  assert.deepEqual(search(names, 'GOLDFISH'), [2]);
  assert.deepEqual(search(names, 'bowl'), [3]);
  assert.deepEqual(search(names, 'old'), [2, 3]);
  assert.deepEqual(search(names, 'zebra'), []);
});

test('a link keeps the target, what is open, the quality and the networks', () => {
  const link = '?target=1&more=survive,beside&quality=55&beside=nin-cifar10,lenet-mnist';
  const settings = readSettings(link);
  assert.equal(settings.target, 1);
  assert.deepEqual(settings.more, ['survive', 'beside']);
  assert.deepEqual(settings.beside, ['nin-cifar10', 'lenet-mnist']);
  assert.equal(writeSettings(settings), link);
  assert.deepEqual(readSettings('?beside=').beside, []);
  assert.deepEqual(readSettings('?more=less').more, []);
});

test('a targeted noise is told by the class that was chosen', () => {
  const say = (/** @type {any} */ made, /** @type {any} */ saved) =>
    plainText(targetedSentence(made, target, saved));
  assert.match(
    say(found(fish), fish),
    /1.2\u00a0% of the picture turns cup into goldfish.*still does\.$/,
  );
  assert.match(say(found(fish), cup), /it says cup again\.$/);
  assert.match(say(found(fish), snail), /it says snail instead\.$/);
  assert.match(
    say(found(snail), snail),
    /7 iterations DeepFool did not reach goldfish.*says snail\.$/,
  );
  assert.match(say(found(fish, fish), null), /says goldfish already/);
  assert.equal(targetedVerdict(found(snail), target, snail), 'fooled, another class');
  assert.equal(targetedVerdict(found(fish), target, cup), 'fooled, not when saved');
  assert.equal(targetedVerdict(found(fish), target, fish), 'fooled, saved too');
});

test('what survives is said in one sentence, and what does not', () => {
  const rows = [
    { id: 'png', fooled: true },
    { id: 'jpeg', fooled: false },
    { id: 'half', fooled: false },
  ];
  assert.equal(
    survivalSentence(rows, 80),
    'Saved as a PNG, it still fools; saved as a JPEG of quality 80 and made half as large and back, it does not.',
  );
  assert.match(survivalSentence(rows.slice(1), 80), /^It survives none of these 2/);
  assert.match(survivalSentence(rows.slice(0, 1), 80), /^It survives/);
  assert.equal(
    survivalSentence(rows.slice(1, 2), 80, false),
    'The sum does not fool as it is, and no way of saving it changes that.',
  );
});

test('networks side by side are told with the one in use', () => {
  const one = { title: 'LeNet', clean: cup, perturbed: fish, fooled: true };
  const other = { title: 'NiN', clean: cup, perturbed: cup, fooled: false };
  assert.equal(
    plainText(besideSentence([one, other], 'FC', true)),
    'The sum that fools FC: LeNet says goldfish instead of cup; NiN still says cup.',
  );
  const bare = { ...one, perturbed: null, fooled: false };
  assert.equal(plainText(besideSentence([bare], 'FC', false)), 'LeNet says cup.');
});

test('a network that sees no colours, or knows other classes, is not offered; another size is', () => {
  const network = (/** @type {number} */ side, /** @type {number} */ channels, data = 'MNIST') =>
    /** @type {any} */ ({ side, channels, data });
  assert.equal(whyNotBeside(network(28, 1), network(28, 1)), '');
  assert.match(whyNotBeside(network(28, 1), network(32, 3)), /28 × 28 pixels in grey/);
  assert.equal(whyNotBeside(network(240, 3), network(224, 3)), '');
  assert.equal(sizeNote(network(240, 3), network(224, 3)), 'sees 240 × 240 pixels');
  assert.equal(sizeNote(network(224, 3), network(224, 3)), '');
  assert.match(whyNotBeside(network(28, 1, 'letters'), network(28, 1)), /other classes/);
});

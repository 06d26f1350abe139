import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cleanSentence,
  deepfoolSentence,
  digits,
  loadingText,
  madeText,
  makingShare,
  makingText,
  percent,
  percentInWords,
  plainText,
  rateText,
  scoreText,
  universalSentence,
  verdictOf,
} from '../../www/words/common.js';
import { smallerSentence } from '../../www/words/live.js';
import { asSentence } from '../../www/engine/errors.js';

/** @param {string} name @param {number} probability */
const answer = (name, probability) => ({ top: [{ label: 1, name, probability, logit: 0 }] });

test('percentages are whole, and honest at both ends', () => {
  assert.equal(percent(0.974), '97\u00a0%');
  assert.equal(percent(0.0004), '<1\u00a0%');
  assert.equal(percent(0.9999), '>99\u00a0%');
  assert.equal(percent(1), '100\u00a0%');
  assert.equal(percent(0), '0\u00a0%');
  assert.equal(percentInWords(0.9999), 'over 99\u00a0%');
});

test('norms have two significant digits and no powers of ten', () => {
  assert.equal(digits(3609.4), '3600');
  assert.equal(digits(83.7), '84');
  assert.equal(digits(0.2134), '0.21');
  assert.equal(digits(0.00996), '0.010');
  assert.equal(digits(9.96), '10');
  assert.equal(digits(1.5), '1.5');
  assert.equal(digits(3.99999), '4');
  assert.equal(digits(0.00043), '0.00043');
  assert.equal(digits(0), '0');
});

test('a sure and an unsure answer are told differently', () => {
  assert.equal(
    plainText(cleanSentence('Net', answer('espresso', 0.97))),
    'Net is 97\u00a0% sure that this is espresso.',
  );
  assert.equal(
    plainText(cleanSentence('Net', answer('espresso', 0.34))),
    'Net is not sure: its best guess is espresso, at 34\u00a0%.',
  );
});

test('fooled and not fooled are both said plainly', () => {
  const seen = { network: 'Net', clean: answer('espresso', 0.97), norms: { l2: 3000, linf: 10 } };
  const fooled = { ...seen, perturbed: answer('hair spray', 0.6), fooled: true };
  assert.match(plainText(universalSentence(fooled)), /at most 10 of 255 .* it says hair spray\.$/);
  const firm = { ...seen, perturbed: answer('espresso', 0.61), fooled: false };
  assert.match(
    plainText(universalSentence(firm)),
    /it still says espresso \(61\u00a0%\): not fooled\.$/,
  );
  const none = { ...firm, norms: { l2: 0, linf: 0 } };
  assert.match(plainText(universalSentence(none)), /At strength 0/);
  const long = { ...fooled, norms: { l2: 2000, linf: 71 }, norm: /** @type {const} */ ('l2') };
  assert.match(plainText(universalSentence(long)), /, 2000 levels long and the same for every/);
  assert.match(
    plainText(universalSentence({ ...firm, random: true })),
    /With random noise just as large, at most 10 of 255 levels a pixel, it still says/,
  );
});

test('DeepFool says which sums fool, and why not the others, from the figures', () => {
  const found = {
    clean: answer('espresso', 0.9),
    adversarial: answer('cup', 0.4),
    fooled: true,
    rho: 0.0021,
    iterations: 3,
    norms: { l2: 40, linf: 0.3 },
    survivesClipping: true,
    survivesRounding: false,
  };
  const says = (/** @type {object} */ change) =>
    plainText(deepfoolSentence({ ...found, ...change }));
  assert.match(
    says({}),
    /0\.21\u00a0% .* espresso into cup.*half a level \(at most 0\.30\).*wipes it out/,
  );
  const large = { norms: { l2: 300, linf: 12 } };
  assert.match(says(large), /clipped to black and white, but rounding .* shifts it back/);
  assert.doesNotMatch(says(large), /wipes/);
  assert.match(says({ ...large, survivesClipping: false }), /goes beyond black or white/);
  assert.match(says({ survivesRounding: true }), /and when saved in whole levels/);
  assert.match(says({ fooled: false }), /found none in 3/);
  assert.match(says({ rho: null }), /^A noise 40 levels long turns/);
  assert.deepEqual(
    [
      verdictOf({ ...found, survivesRounding: true }),
      verdictOf(found),
      verdictOf({ ...found, survivesClipping: false }),
      verdictOf({ ...found, fooled: false }),
    ],
    ['fooled, saved too', 'fooled, not when saved', 'fooled, exact sum only', 'not fooled'],
  );
});

test('one frame is a frame', () => {
  assert.equal(rateText(1), '1 frame a second');
  assert.equal(rateText(12), '12 frames a second');
});

test('progress says how much of how much, where it is known', () => {
  const download = { file: 'x', loaded: 4.2e6, total: 9.3e6, cached: false };
  assert.equal(
    loadingText({ stage: 'download', ...download }, 'Net'),
    'Loading Net: 4.2 of 9.3 MB',
  );
  assert.equal(
    loadingText({ stage: 'download', ...download, total: null }, 'Net'),
    'Loading Net: 4.2 MB',
  );
  assert.equal(
    loadingText({ stage: 'download', ...download, cached: true }, 'Net'),
    'Preparing Net',
  );
  assert.equal(loadingText(null, 'Net'), 'Starting the classifier');
});

test('a noise that is being made says how far it is', () => {
  const progress = {
    passes: 5,
    maxPasses: 20,
    pictures: 0,
    picturesAPass: 32,
    gradientEvaluations: 160,
    runningRate: 0.5,
    otherRate: 0.25,
    perturbation: null,
  };
  assert.equal(makingShare(progress), 0.25);
  assert.equal(makingText(null, 1), 'Looking at the pictures');
  assert.equal(makingText(progress, 1), 'Pass 6 of 20');
  assert.equal(makingText(progress, 15), 'Pass 6 of 20, about 50 s left');
  assert.equal(makingText(progress, 60), 'Pass 6 of 20, about 3 min left');
  const done = { ...progress, passes: 20 };
  assert.equal(makingText(done, 60), 'Pass 20 of 20, about 0 s left');
});

test('a noise that was made is told with random noise beside it', () => {
  const counts = {
    own: { fooled: 29, of: 32 },
    others: { fooled: 5, of: 8 },
    random: { fooled: 3, of: 40 },
  };
  assert.equal(
    madeText(counts),
    'Your noise fools 29 of 32 pictures that it learnt from and 5 of 8 others. Random noise of the same size fools 3 of 40.',
  );
  assert.doesNotMatch(madeText({ ...counts, others: { fooled: 0, of: 0 } }), /others/);
});

test('the counter counts in whole words', () => {
  assert.equal(scoreText({ fooled: 1, seen: 1 }), 'fooled 1 of 1 picture so far');
  assert.equal(scoreText({ fooled: 5, seen: 6 }), 'fooled 5 of 6 pictures so far');
});

test('a message becomes a sentence', () => {
  assert.equal(asSentence('the file is short '), 'The file is short.');
  assert.equal(asSentence('The GPU was lost.'), 'The GPU was lost.');
  assert.equal(asSentence('text.jpg: This is no picture.'), 'text.jpg: This is no picture.');
  assert.equal(asSentence('my notes.txt: This is no picture'), 'my notes.txt: This is no picture.');
});

test('a longer search says what it found, or that it found nothing', () => {
  const scene = {
    clean: answer('cat', 0.9),
    perturbed: answer('dog', 0.5),
    norms: { l2: 31, linf: 2 },
    found: null,
    smallest: true,
    vain: null,
  };
  const first = { l2: 42, milliseconds: 1000, fooled: true };
  const said = (/** @type {{ smallest?: boolean, vain?: number }} */ change) =>
    plainText(smallerSentence({ ...scene, ...change }, first));
  assert.equal(
    said({}),
    'DeepFool: 42 levels in 1\u00a0s; the smallest found so far: 31 levels. It turns cat into dog.',
  );
  assert.equal(
    said({ smallest: false, vain: 1200 }),
    'DeepFool: 42 levels in 1\u00a0s. No smaller one was found with 1,200 gradients more.',
  );
  assert.match(said({ smallest: false, vain: 0 }), /before the search was stopped/);
});

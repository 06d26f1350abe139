/**
 * To translate the page, copy this folder beside itself, as `www/words-fr` for French, and translate what stands in
 * quotes; a module may be left out, and is taken from here. `FOOLSCOPE_LANGUAGE=fr npm run build` then makes that page
 * (by an alias in webpack.config.js). Names of exports, and numbers in `${}`, stay; their order may change.
 *
 * What the page says, from the numbers of the visitor's own picture. A sentence
 * is a list of plain text and of answers, which the page sets in their colour.
 */

/**
 * @import { Answer, DeepfoolProgress, Norms, Progress, UniversalProgress } from '../engine/types.js'
 * @typedef {{ answer: string, tone: 'clean' | 'fooled' }} Named
 * @typedef {(string | Named)[]} Sentence
 */

/** As a tag: numbers and dates are written as in that language. */
export const LANGUAGE = 'en';

export const CLOSE = 'Close';
export const TRY_AGAIN = 'Try again';
export const STOP = 'Stop';
export const SHARE = 'Share';
/** @param {string} part of the page */
export const notDownloaded = (part) => `${part} could not be downloaded.`;

/** Of the bars beside a picture. */
export const CLEAN_BARS = 'What the classifier says to the picture';

/** Whole percent, honest at both ends. @param {number} share */
export function percent(share) {
  const whole = Math.round(share * 100);
  if (whole === 0 && share > 0) return '<1\u00a0%';
  if (whole === 100 && share < 1) return '>99\u00a0%';
  return `${whole}\u00a0%`;
}

/** The same in running text. @param {number} share */
export const percentInWords = (share) =>
  percent(share).replace('<', 'under ').replace('>', 'over ');

/** Two significant digits, never in powers of ten. @param {number} value */
export function digits(value) {
  if (value === 0) return '0';
  const whole = Math.round(value);
  // A strength of 4 is 4, though it comes back as 3.9999.
  if (whole !== 0 && Math.abs(whole) < 100 && Math.abs(value - whole) < 1e-3) return String(whole);
  const rounded = Number(value.toPrecision(2));
  const size = Math.floor(Math.log10(Math.abs(rounded)));
  return rounded.toFixed(Math.max(0, Math.min(6, 1 - size)));
}

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** @param {Answer} answer @param {'clean' | 'fooled'} tone @returns {Named} */
const named = (answer, tone) => ({ answer: answer.top[0].name, tone });

/** @param {Answer} answer */
const sure = (answer) => percentInWords(answer.top[0].probability);

/** @param {string} network @param {Answer} clean @returns {Sentence} */
export function cleanSentence(network, clean) {
  return clean.top[0].probability >= 0.5
    ? [`${network} is ${sure(clean)} sure that this is `, named(clean, 'clean'), '.']
    : [`${network} is not sure: its best guess is `, named(clean, 'clean'), `, at ${sure(clean)}.`];
}

/**
 * @param {object} seen
 * @param {string} seen.network
 * @param {Answer} seen.clean
 * @param {Answer} seen.perturbed
 * @param {boolean} seen.fooled
 * @param {Norms} seen.norms
 * @param {'linf' | 'l2'} [seen.norm] by which the noise is kept small
 * @param {boolean} [seen.random] the noise is one for comparison
 * @returns {Sentence}
 */
export function universalSentence({
  network,
  clean,
  perturbed,
  fooled,
  norms,
  norm = 'linf',
  random = false,
}) {
  if (norms.linf === 0) {
    return [...cleanSentence(network, clean), ' At strength 0 there is no noise to change that.'];
  }
  const before =
    clean.top[0].probability >= 0.5
      ? [`${network} was ${sure(clean)} sure of `, named(clean, 'clean'), '. ']
      : [`${network}’s best guess was `, named(clean, 'clean'), `, at ${sure(clean)}. `];
  const size =
    norm === 'linf'
      ? `at most ${digits(norms.linf)} of 255 levels a pixel`
      : `${digits(norms.l2)} levels long`;
  const noise = random
    ? `With random noise just as large, ${size}, it `
    : `With this noise, ${size} and the same for every picture, it `;
  return fooled
    ? [...before, noise, 'says ', named(perturbed, 'fooled'), '.']
    : [
        ...before,
        noise,
        'still says ',
        named(perturbed, 'clean'),
        ` (${sure(perturbed)}): not fooled.`,
      ];
}

/**
 * @param {object} found
 * @param {Answer} found.clean
 * @param {Answer} found.adversarial
 * @param {boolean} found.fooled
 * @param {number | null} found.rho
 * @param {number} found.iterations
 * @param {Norms} found.norms
 * @param {boolean} found.survivesClipping
 * @param {boolean} found.survivesRounding
 * @returns {Sentence}
 */
export function deepfoolSentence(found) {
  const { clean, adversarial, fooled, rho, iterations } = found;
  if (!fooled) {
    return [
      `DeepFool looked for the smallest noise that changes the answer and found none in ${iterations} iterations: the classifier still says `,
      named(adversarial, 'clean'),
      '.',
    ];
  }
  return [
    rho !== null
      ? `A noise as small as ${digits(rho * 100)}\u00a0% of the picture turns `
      : `A noise ${digits(found.norms.l2)} levels long turns `,
    named(clean, 'clean'),
    ' into ',
    named(adversarial, 'fooled'),
    `. ${whatIsLeft(found)}`,
  ];
}

/**
 * Which sums fool: the exact one, the one that can be shown (clipped to black and
 * white), the one that can be saved (in whole levels too); and why not the others.
 * @typedef {{ norms: Norms, survivesClipping: boolean, survivesRounding: boolean }} Survived
 * @param {Survived} found
 */
export function whatIsLeft({ norms, survivesClipping, survivesRounding }) {
  if (survivesRounding && survivesClipping)
    return 'It fools when clipped to black and white too, and when saved in whole levels.';
  if (survivesRounding)
    return 'Clipped to black and white the old answer is back, but saved in whole levels it fools.';
  if (norms.linf < 0.5)
    return `No pixel changes by half a level (at most ${digits(norms.linf)}), so rounding to whole levels, as in every saved picture, wipes it out: in a saved copy the old answer is back.`;
  if (!survivesClipping)
    return 'The exact sum goes beyond black or white. Clipped to what a screen can show, and so in every saved picture, the old answer is back.';
  return 'It fools when clipped to black and white, but rounding to whole levels shifts it back over the boundary: in a saved copy the old answer is back.';
}

/** The verdict on DeepFool's noise, in a few words. @param {Survived & { fooled: boolean }} found */
export function verdictOf({ fooled, survivesClipping, survivesRounding }) {
  if (!fooled) return 'not fooled';
  if (survivesRounding) return 'fooled, saved too';
  return survivesClipping ? 'fooled, not when saved' : 'fooled, exact sum only';
}

/** @param {DeepfoolProgress | null} progress */
export const deepfoolProgress = (progress) =>
  progress
    ? `DeepFool: iteration ${progress.iteration} of at most ${progress.maxIterations}, noise ${digits(progress.l2)} long`
    : 'DeepFool starts';

/**
 * @param {UniversalProgress | null} progress
 * @param {number} seconds since it began
 */
export function makingText(progress, seconds) {
  if (!progress) return 'Looking at the pictures';
  const { passes, maxPasses } = progress;
  const share = makingShare(progress);
  const pass = `Pass ${Math.min(passes + 1, maxPasses)} of ${maxPasses}`;
  // The first few steps say little about the speed.
  if (seconds < 3 || share === 0) return pass;
  return `${pass}, about ${timeLeft((seconds * (1 - share)) / share)} left`;
}

/** How much of it is done. @param {UniversalProgress} progress */
export const makingShare = ({ passes, maxPasses, pictures, picturesAPass }) =>
  Math.min(1, (passes + pictures / picturesAPass) / maxPasses);

/** @param {number} seconds */
function timeLeft(seconds) {
  if (seconds > 90) return `${Math.round(seconds / 60)} min`;
  return seconds > 10 ? `${10 * Math.round(seconds / 10)} s` : `${Math.ceil(seconds)} s`;
}

/**
 * What became of a noise that was made here.
 * @param {{ own: Share, others: Share, random: Share, randomOthers?: Share }} counts
 * @typedef {{ fooled: number, of: number }} Share
 */
export function madeText({ own, others, random, randomOthers }) {
  const tried = others.of ? ` and ${ofAll(others)} others` : '';
  const pictures = own.of === 1 ? 'picture' : 'pictures';
  const compared =
    others.of && randomOthers ? `${ofAll(randomOthers)} of those others` : ofAll(random);
  return `Your noise fools ${ofAll(own)} ${pictures} that it learnt from${tried}. Random noise of the same size fools ${compared.replace(/ of those/, ' of those')}.`;
}

/** @param {number} n */
export const picturesText = (n) => `${count(n)} ${n === 1 ? 'picture' : 'pictures'}`;

/** @param {Share} share */
export const ofAll = ({ fooled, of }) => `${fooled} of ${of}`;

/** Frames a second. @param {number} rate */
export const rateText = (rate) => `${rate} ${rate === 1 ? 'frame' : 'frames'} a second`;

/** The program for the GPU, while it arrives. @param {Progress | null} progress */
export const besideText = (progress) =>
  progress?.stage === 'beside' && progress.total && progress.loaded < progress.total
    ? `The program for the GPU is on its way: ${megabytes(progress.loaded)} of ${megabytes(progress.total)} MB.`
    : '';

/** @param {Progress | null} progress @param {string} network */
export function loadingText(progress, network) {
  if (progress?.stage === 'download' && !progress.cached) {
    const { loaded, total } = progress;
    return total
      ? `Loading ${network}: ${megabytes(loaded)} of ${megabytes(total)} MB`
      : `Loading ${network}: ${megabytes(loaded)} MB`;
  }
  return progress ? `Preparing ${network}` : 'Starting the classifier';
}

/** @param {{ fooled: number, seen: number }} score */
export const scoreText = ({ fooled, seen }) =>
  `fooled ${fooled} of ${seen} ${seen === 1 ? 'picture' : 'pictures'} so far`;

/** @param {{ fooled: number, seen: number }} frames */
export const framesText = ({ fooled, seen }) => `fooled ${fooled} of the last ${seen} frames`;

/** @param {Sentence} sentence */
export const plainText = (sentence) =>
  sentence.map((part) => (typeof part === 'string' ? part : part.answer)).join('');

/** A whole number, in groups of three. @param {number} value */
export const count = (value) => value.toLocaleString(LANGUAGE);

/** Two significant digits, large ones in groups of three. @param {number} value */
export const amount = (value) =>
  value < 1000 ? digits(value) : count(Number(value.toPrecision(2)));

/** @param {number} m */
export const dimensions = (m) => `${count(m)} random ${m === 1 ? 'dimension' : 'dimensions'}`;

/**
 * The lengths of three noises on one picture.
 * @param {object} seen
 * @param {Noise} seen.exact the smallest
 * @param {Noise | null} seen.semi none yet
 * @param {Noise | null} seen.random none yet
 * @param {number} seen.dimension m
 * @param {number} seen.space d
 * @typedef {{ clean: Answer, fooled: boolean, norms: Norms }} Noise
 * @returns {Sentence}
 */
export function noisesSentence({ exact, semi, random, dimension, space }) {
  if (!exact.fooled) {
    return ['DeepFool found no noise that changes ', named(exact.clean, 'clean'), ' here.'];
  }
  const times = (/** @type {Noise} */ noise) => amount(noise.norms.l2 / exact.norms.l2);
  /** @type {Sentence} */
  const said = [
    `The smallest noise that changes `,
    named(exact.clean, 'clean'),
    ` is ${amount(exact.norms.l2)} levels long.`,
  ];
  if (semi && dimension === space) {
    said.push(' With all dimensions, semi-random noise is that noise itself.');
  } else if (semi) {
    const expected = `the theorem leads to expect √(d/m) = ${amount(Math.sqrt(space / dimension))}`;
    said.push(
      semi.fooled
        ? ` Within ${dimensions(dimension)} of ${count(space)} it takes ${times(semi)} times as much (${expected}).`
        : ` Within ${dimensions(dimension)} of ${count(space)} none was found.`,
    );
  }
  if (random) {
    said.push(
      random.fooled
        ? ` Random noise has to be ${times(random)} times as long (√d = ${amount(Math.sqrt(space))}).`
        : ' Random noise changes nothing, however long.',
    );
  }
  return said;
}

/** What was written into the field for a class. @param {string} text */
export const noSuchClass = (text) => `No class is called “${text}”. Choose one from the list.`;

/** @param {string} text @param {number} count */
export const severalClasses = (text, count) =>
  `${count} classes have “${text}” in their name. Choose one from the list.`;

export const CAMERA = {
  choose: 'Camera',
  stop: 'Stop the webcam',
  flip: 'Flip the camera',
  flipNote: 'To the other side of the phone',
  gone: 'The camera was disconnected. Connect it and press Webcam again, or choose a photo.',
};

/** @param {string} other the camera that goes on */
export const cameraFellBack = (other) => `The camera was disconnected: ${other} goes on.`;

/** What happens to a noise on its way to a network that sees pictures of another size. */
export const RESIZED =
  'A network that sees more or fewer pixels gets picture and noise resized. Each pixel of the noise takes the value of the nearest one, and its largest change stays as large, or its length, if that was its limit.';

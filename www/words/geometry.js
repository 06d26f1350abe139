/** What the exhibit Geometry says. */
import { LANGUAGE, amount, count, digits, percent, picturesText } from './common.js';

/**
 * @import { Found, NormalsFound, PlanePoint, SectionAnswers } from '../engine/types.js'
 * @import { Sentence } from './common.js'
 */

export const sectionTitle = 'A plane through the picture';
export const sectionIntro =
  'The picture lies in a space with one dimension for each of its values. This is one plane through it: to the right lies the smallest noise that changes the answer (DeepFool), upwards a second direction. Each colour is a class; where two meet is a decision boundary.';
export const normalsTitle = 'What the boundaries have in common';
export const normalsIntro =
  'A normal is the direction that leads straight across the boundary nearest to a picture. If the normals at many pictures share a few directions, one noise along these crosses many boundaries at once: that is why a universal noise can exist. Singular values say how much is shared: of vectors with nothing in common, far fewer than there are dimensions, all are about 1, and what is shared makes the first ones large and the last ones small.';

export const labelOf = {
  motif: 'The picture, what is added, and the sum, at the marked point of the plane',
  picture: 'The picture',
  noise: 'The noise at the marked point',
  sum: 'The picture at the marked point',
  legend: 'Classes in the plane',
  second: 'Upwards',
  seed: 'Another direction',
  reach: 'How far it reaches',
  points: 'Points',
  cursor: 'Marked point',
  pictures: 'Pictures',
  universal: 'Universal noise',
};

export const stop = 'Stop';
export const goOn = 'Compute the plane';
export const again = 'Compute it again';
export const download = 'Save the drawing (.png)';
export const share = 'Share';
export const startNormals = 'Compute the normals of these pictures';
export const enough = 'Stop, and use what there is';
export const noNormals =
  'No boundary was found before it was stopped. Let it look at one picture at least.';
export const others = 'other classes';
export const looking = 'Looking for the noise';
export const sameDirection =
  'The smallest noise has to do with that class already, so that there is no second direction. Choose another.';
export const noDirection = 'There is no such second direction here, so a random one is shown.';
export const notFooled = 'DeepFool found no noise that changes the answer, so there is no plane.';

/** @param {number} seed */
export const randomName = (seed) => `a random direction (${seed + 1})`;
/** @param {string} title */
export const universalName = (title) => `the universal noise “${title}”`;

/** @param {string} name of a class */
export const classNoiseName = (name) => `the smallest noise to “${name}”`;

/** @param {'random' | 'class' | 'universal'} kind of the second direction */
export const axisTitles = (kind) => ({
  right: 'along the smallest noise (grey levels)',
  up: {
    random: 'random direction (grey levels)',
    class: 'towards the other class (grey levels)',
    universal: 'towards the universal noise (levels)',
  }[kind],
});

/** A number on an axis. @param {number} tick */
export const levels = (tick) => tick.toLocaleString(LANGUAGE, { maximumSignificantDigits: 4 });

/** @param {number} reach in levels */
export const reachText = (reach) => `${amount(reach)} levels to each side`;

/** @param {number} points along a side */
export const pointsText = (points) => `${count(points)} × ${count(points)}`;

/**
 * @param {{ points: number, of: number } | null} progress
 * @param {number} seconds since it began
 */
export function planeProgress(progress, seconds) {
  if (!progress) return looking;
  const { points, of } = progress;
  const left = (seconds * (of - points)) / points;
  const time = seconds < 2 || points === of ? '' : `, about ${timeLeft(left)} left`;
  return `${count(points)} of ${count(of)} points${time}`;
}

/** @param {number} seconds */
const timeLeft = (seconds) =>
  seconds > 90 ? `${Math.round(seconds / 60)} min` : `${Math.max(1, Math.round(seconds))} s`;

/** @param {{ pictures: number, of: number, found: number } | null} progress @param {number} of */
export const normalsProgress = (progress, of) =>
  `${progress?.pictures ?? 0} of ${picturesText(progress?.of ?? of)}`;

/** At a point, in levels. @param {{ right: number, up: number }} point @param {string} name */
export const cursorText = ({ right, up }, name) =>
  `${levels(Math.round(right))} to the right, ${levels(Math.round(up))} up: ${name}`;

/** @param {{ right: number, up: number }} point */
export const noiseCaption = ({ right, up }) => `${amount(Math.hypot(right, up))} levels long`;

/** Under the sum. @param {PlanePoint} point */
export function sumCaption({ answer, saved }) {
  const exact = answer.top[0];
  return exact.label === saved.top[0].label
    ? `${exact.name}, ${percent(exact.probability)}`
    : `${exact.name}; saved, ${saved.top[0].name}`;
}

/** What a screen reader hears for the drawing. @param {SectionAnswers} section */
export const planeLabel = ({ regions, points }) =>
  `Classes in a plane through the picture, ${pointsText(points)} points: ${regions
    .slice(0, 8)
    .map(({ name, share }) => `${name} ${percent(share)}`)
    .join(', ')}. Arrow keys move the marked point.`;

/**
 * @param {SectionAnswers} section
 * @param {Pick<Found, 'clean' | 'adversarial'>} found the smallest noise
 * @param {string} second
 * @returns {Sentence}
 */
export function planeSentence(section, found, second) {
  const { regions, changes, reach, stopped, classified, points, length } = section;
  const [clean, adversarial] = [found.clean.top[0], found.adversarial.top[0]];
  /** @type {Sentence} */
  const said = ['From ', { answer: clean.name, tone: 'clean' }, ' '];
  if (length <= reach) {
    said.push(`it takes ${amount(length)} grey levels along the smallest noise to `, {
      answer: adversarial.name,
      tone: 'fooled',
    });
  } else said.push('the smallest noise leads nowhere else in this plane');
  const up = nearest(changes.up, changes.down);
  said.push(
    up === null
      ? `; along ${second} nothing changes within ${amount(reach)}.`
      : `; along ${second} the answer first changes after about ${amount(up)}, ${digits(up / length)} times as far.`,
    ` ${count(regions.length)} ${regions.length === 1 ? 'class shares' : 'classes share'} this plane`,
    stopped ? ` (stopped after ${count(classified)} of ${count(points * points)} points).` : '.',
  );
  return said;
}

/** @param {number | null} a @param {number | null} b */
function nearest(a, b) {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/**
 * @param {NormalsFound} found
 * @param {string} universal its title; empty where there is none
 */
export function normalsSentence(found, universal) {
  const { count: n, pictures, singularValues, randomSingularValues, stopped } = found;
  const { rmsCosine, randomRmsCosine, shares, randomShares, dimension } = found;
  const ended = stopped ? 'Stopped. ' : '';
  if (n < 2) {
    return `${ended}One normal alone shares nothing with others: choose more pictures.`;
  }
  const lost = pictures > n ? ` (${pictures} were looked at)` : '';
  const cosine =
    rmsCosine !== null && randomRmsCosine
      ? ` Two of them enclose a cosine of ${digits(rmsCosine)} in the root mean square; random ones ${digits(randomRmsCosine)}.`
      : '';
  const inside =
    shares && universal
      ? ` Their span, ${n} of ${count(dimension)} dimensions, holds ${small(shares[n - 1])} of the length of the universal noise “${universal}”, and ${small(randomShares[n - 1])} of a random vector’s.`
      : '';
  return `${ended}The singular values of the normals at ${n} pictures${lost} run from ${digits(singularValues[0])} to ${digits(singularValues[n - 1])}, those of random vectors from ${digits(randomSingularValues[0])} to ${digits(randomSingularValues[n - 1])}.${cosine}${inside}`;
}

/** A share, of which there may be little. @param {number} share */
const small = (share) => `${digits(100 * share)}\u00a0%`;

/** @param {number} n @param {number} dimension @param {number | null} shipped */
export const fewText = (n, dimension, shipped) =>
  `A browser has time for a few pictures: ${n} normals in ${count(dimension)} dimensions show whether they share something, not how many directions are shared.${
    shipped ? ` For that there are the ${count(shipped)} that were computed beforehand.` : ''
  }`;

export const chart = {
  values: 'Singular values of the normals at the boundaries, and of random vectors',
  shares: 'Share of a universal noise in the span of the first singular vectors',
  index: 'number of the singular value',
  value: 'singular value',
  dimensions: 'dimensions of the span, d',
  share: 'share of the length',
  kind: 'of',
  shippedNormals: (/** @type {number} */ n) => `normals, ${count(n)} pictures`,
  shippedRandom: (/** @type {number} */ n) => `random vectors, ${count(n)}`,
  ownNormals: (/** @type {number} */ n) => `normals, your ${picturesText(n)}`,
  ownRandom: (/** @type {number} */ n) => `random vectors, ${count(n)}`,
  universal: 'universal noise',
  random: 'random vector',
  ownUniversal: (/** @type {number} */ n) => `universal noise, your ${picturesText(n)}`,
  ownRandomShare: (/** @type {number} */ n) => `random vector, your ${picturesText(n)}`,
};
export const noShipped = 'The normals that were computed beforehand could not be downloaded.';
export const tryAgain = 'Try again';
/** @param {string} network @param {number} n @param {number[]} normals @param {number[]} random */
export const shippedSentence = (network, n, normals, random) =>
  `Computed beforehand for ${network}, at ${count(n)} pictures: singular values from ${digits(normals[0])} to ${digits(lastOf(normals))}; of random vectors from ${digits(random[0])} to ${digits(lastOf(random))}.`;

/** The smallest that is not nothing: there are no more than dimensions. @param {number[]} values */
const lastOf = (values) => values.findLast((value) => value > 1e-6) ?? 0;

/**
 * A universal noise of the visitor's own, from the first step to the count of
 * whom it fools.
 */
import { passesFor } from '../../pictures/lesson.js';
import { YOUR_NOISE } from '../../words/live-workshop.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Perturbation, Picture, UniversalProgress, UniversalResult } from '../../engine/types.js'
 * @import { Noises, OwnNoise, Share } from '../../pictures/noises.js'
 * @import { Target } from './scene.js'
 * @import { Order } from './workshop.js'
 *
 * One that is being made.
 * @typedef {object} Making
 * @property {Order} order
 * @property {AbortController} cancelled
 * @property {AbortController} finished ends it early with what there is
 * @property {UniversalProgress | null} progress
 * @property {Perturbation | null} grown as it was when it was last shown
 * @property {Share | null} random how many of the others random noise of this size fools
 * @property {number} begun by `performance.now()`
 */

/** @param {Order} order @returns {Making} */
export const begin = (order) => ({
  order,
  cancelled: new AbortController(),
  finished: new AbortController(),
  progress: null,
  grown: null,
  random: null,
  begun: performance.now(),
});

/**
 * @param {Engine} engine
 * @param {Making} making
 * @param {(step: Partial<Making>) => void} show hears of every step
 * @returns {Promise<UniversalResult>}
 */
export function make(engine, making, show) {
  const { own, others, norm, radius, target } = making.order;
  return engine.universal(
    { own, others },
    {
      norm,
      radius,
      target: target?.label,
      maxPasses: passesFor(making.order),
      signal: making.cancelled.signal,
      finish: making.finished.signal,
      onProgress(progress) {
        const { perturbation } = progress;
        show(
          perturbation
            ? { progress, grown: growing(engine, making.order, perturbation) }
            : { progress },
        );
      },
    },
  );
}

/** @param {Engine} engine @param {Order} order @param {Float32Array} data @returns {Perturbation} */
const growing = (engine, { norm, radius }, data) => ({
  id: 'growing',
  network: engine.network.id,
  file: '',
  norm,
  radius,
  title: YOUR_NOISE,
  foolingRate: { own: NaN, others: NaN },
  data: /** @type {Float32Array<ArrayBuffer>} */ (data),
});

/**
 * How many pictures a noise fools, of how many; and how many of them become a class that was chosen.
 * @param {Engine} engine
 * @param {Picture[]} pictures
 * @param {Perturbation} noise
 * @param {AbortSignal} signal
 * @param {Target | null} [target]
 * @returns {Promise<Share>}
 */
export async function share(engine, pictures, noise, signal, target = null) {
  const of = pictures.length;
  if (!of) return { fooled: 0, of };
  const { fooled, labels } = await engine.fooling(pictures, noise, { signal });
  if (!target) return { fooled, of };
  return { fooled, of, became: labels.filter(([, label]) => label === target.label).length };
}

/**
 * Counts whom a noise fools, and whom random noise of the same norm does.
 * @param {Engine} engine
 * @param {Noises} noises
 * @param {OwnNoise} noise
 * @param {{ own: Picture[], others: Picture[] }} pictures
 * @param {AbortSignal} signal
 * @returns {Promise<OwnNoise>}
 */
export async function counted(engine, noises, noise, { own, others }, signal) {
  const random = await noises.random(noise);
  const count = (/** @type {Picture[]} */ pictures, /** @type {Perturbation} */ which) =>
    share(engine, pictures, which, signal, noise.target);
  const byIt = { own: await count(own, noise), others: await count(others, noise) };
  const byRandom = { own: await count(own, random), others: await count(others, random) };
  const rate = (/** @type {Share} */ { fooled, of }) => (of ? fooled / of : NaN);
  return {
    ...noise,
    foolingRate: { own: rate(byIt.own), others: rate(byIt.others) },
    counts: {
      ...byIt,
      random: {
        fooled: byRandom.own.fooled + byRandom.others.fooled,
        of: byRandom.own.of + byRandom.others.of,
      },
      randomOthers: byRandom.others,
    },
    uncounted: null,
  };
}

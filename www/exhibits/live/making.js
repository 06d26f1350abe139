/**
 * A universal noise of the visitor's own, from the first step to the count of
 * whom it fools.
 */
import { passesFor } from './lesson.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Perturbation, UniversalProgress, UniversalResult } from '../../engine/types.js'
 * @import { Noises, OwnNoise, Share } from './noises.js'
 * @import { Order } from './workshop.js'
 *
 * One that is being made.
 * @typedef {object} Making
 * @property {Order} order
 * @property {AbortController} cancelled
 * @property {AbortController} finished ends it early with what there is
 * @property {UniversalProgress | null} progress
 * @property {Perturbation | null} grown as it was when it was last shown
 * @property {number} begun by `performance.now()`
 */

/** @param {Order} order @returns {Making} */
export const begin = (order) => ({
  order,
  cancelled: new AbortController(),
  finished: new AbortController(),
  progress: null,
  grown: null,
  begun: performance.now(),
});

/**
 * @param {Engine} engine
 * @param {Making} making
 * @param {(making: Making) => void} show hears of every step
 * @returns {Promise<UniversalResult>}
 */
export function make(engine, making, show) {
  const { own, others, norm, radius } = making.order;
  let { grown } = making;
  return engine.universal(
    { own, others },
    {
      norm,
      radius,
      maxPasses: passesFor(making.order),
      signal: making.cancelled.signal,
      finish: making.finished.signal,
      onProgress(progress) {
        if (progress.perturbation) grown = growing(engine, making.order, progress.perturbation);
        show({ ...making, progress, grown });
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
  title: 'Your noise',
  foolingRate: { own: NaN, others: NaN },
  data: /** @type {Float32Array<ArrayBuffer>} */ (data),
});

/**
 * The radius that a finished noise has: that of its ball, unless it was stopped
 * before it reached the boundary.
 * @param {UniversalResult} result
 */
export function reached({ norm, norms, radius }) {
  const size = norms[norm];
  return Math.abs(size / radius - 1) < 1e-3 || size === 0 ? radius : size;
}

/**
 * Counts whom a noise fools, and whom random noise of the same norm does.
 * @param {Engine} engine
 * @param {Noises} noises
 * @param {OwnNoise} noise
 * @param {Order} order the pictures
 * @param {AbortSignal} signal
 * @returns {Promise<OwnNoise>}
 */
export async function counted(engine, noises, noise, { own, others }, signal) {
  const random = await noises.random(noise);
  /** @param {Parameters<Engine['fooling']>[0]} pictures @param {Perturbation} perturbation @returns {Promise<Share>} */
  const count = async (pictures, perturbation) => {
    const { fooled } = await engine.fooling(pictures, perturbation, { signal });
    return { fooled, of: pictures.length };
  };
  const counts = {
    own: await count(own, noise),
    others: await count(others, noise),
    random: await count([...own, ...others], random),
  };
  const share = ({ fooled, of } = counts.own) => (of ? fooled / of : NaN);
  return {
    ...noise,
    foolingRate: { own: share(counts.own), others: share(counts.others) },
    counts,
  };
}

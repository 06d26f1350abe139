/**
 * How large a noise may be, by network: around the radius of the noises that are
 * shipped with it, since levels that are nothing on a photograph are much on a digit.
 */

/**
 * @import { Engine } from '../../engine/engine.js'
 * @typedef {{ usual: number, min: number, max: number, step: number }} Range
 * @typedef {{ linf: Range, l2: Range }} Sizes
 */

/** Where none is shipped. */
const USUAL = { linf: 10, l2: 2000 };

/** @param {Engine} engine @returns {Promise<Sizes>} */
export async function sizes(engine) {
  const shipped = await engine.perturbations().catch(() => []);
  const usual = (/** @type {'linf' | 'l2'} */ norm) =>
    shipped.find((noise) => noise.norm === norm)?.radius ?? USUAL[norm];
  return { linf: range(usual('linf'), 1), l2: range(usual('l2'), usual('l2') / 8) };
}

/** @param {number} usual @param {number} step @returns {Range} */
const range = (usual, step) => ({ usual, min: step, max: 2 * usual, step });

/**
 * A scene is what stands on the page at one moment: a picture, perhaps a noise,
 * and the answers to both. It is made whole before it is shown, so that a square
 * never stands above another picture's bars.
 */
import { levelsOf, STRONGEST } from '../../pictures/noises.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Answer, CameraFrame, Found, Device, Drawing, Norms, Perturbation, Picture, SmallestProgress } from '../../engine/types.js'
 *
 * @typedef {object} Shown
 * @property {string} key tells pictures apart
 * @property {string} title
 * @property {'sample' | 'own' | 'camera'} kind
 * @property {Picture} pixels
 *
 * A camera's frame, which is a picture only when it has been answered.
 * @typedef {Omit<Shown, 'pixels'> & { frame: CameraFrame, mirror: boolean, spare: Picture['rgba'][] }} Filmed
 *
 * @typedef {'none' | 'universal' | 'random' | 'deepfool'} Noise
 *
 * @typedef {object} Scene
 * @property {Shown} picture
 * @property {Noise} noise what stands in the middle square
 * @property {Answer | null} clean null before the classifier has arrived
 * @property {Answer | null} perturbed
 * @property {boolean} fooled
 * @property {Picture | null} sum
 * @property {Norms | null} norms
 * @property {number} milliseconds
 * @property {Device | null} on which device answered
 * @property {Drawing | null} drawing
 * @property {Perturbation | null} perturbation the universal or random noise
 * @property {number} strength of it, as a multiple
 * @property {Found | null} found
 * @property {Target | null} target that DeepFool's noise was to lead to
 * @property {Answer | null} saved of that noise: the answer to the sum in whole levels
 * @property {First | null} first what DeepFool's noise was, where a smaller one has taken its place
 * @property {boolean} smallest whether the noise is the longer search's
 * @property {number | null} vain gradients of the last longer search, where it found none smaller; 0
 *   where it was stopped before
 * @property {number} searched gradients at most of the longer search for a smaller one; 0 before the first
 *
 * A class that was chosen.
 * @typedef {{ label: number, name: string }} Target
 *
 * @typedef {{ l2: number, milliseconds: number, fooled: boolean }} First
 */

export { levelsOf, STRONGEST };

/** @param {Shown} picture @returns {Scene} */
export const bareScene = (picture) => ({
  picture,
  noise: 'none',
  clean: null,
  perturbed: null,
  fooled: false,
  sum: null,
  norms: null,
  milliseconds: 0,
  on: null,
  drawing: null,
  perturbation: null,
  strength: 0,
  found: null,
  target: null,
  saved: null,
  first: null,
  smallest: false,
  vain: null,
  searched: 0,
});

/** @param {Engine} engine @param {Shown | Filmed} seen @returns {Promise<Scene>} */
export async function cleanScene(engine, seen) {
  const { picture, clean, milliseconds } = await answered(engine, seen);
  return { ...bareScene(picture), clean, milliseconds, on: engine.device };
}

/**
 * @param {Engine} engine
 * @param {Shown | Filmed} seen
 * @param {{ perturbation?: Perturbation, strength?: number }} [noise]
 */
async function answered(engine, seen, noise = {}) {
  if ('pixels' in seen) {
    const { perturbedRgba, ...result } = await engine.classify(seen.pixels, noise);
    return { ...result, picture: seen, sum: withPixels(seen.pixels, perturbedRgba) };
  }
  const { frame, spare, mirror, ...about } = seen;
  const result = await engine.classifyFrame(frame, { mirror, spare, ...noise });
  return { ...result, picture: { ...about, pixels: result.picture } };
}

/**
 * The strength that a setting means, as a multiple. An address keeps the setting to a thousandth,
 * and from there too a noise is exactly as it was made.
 * @param {number} levels
 * @param {Perturbation} noise
 */
export function strengthAt(levels, noise) {
  const full = levelsOf(noise);
  return Math.abs(levels - full) < 1e-3 ? 1 : levels / full;
}

/**
 * @param {Engine} engine
 * @param {Shown | Filmed} seen
 * @param {'universal' | 'random'} noise
 * @param {Perturbation} perturbation
 * @param {number} levels the setting of the strength
 * @returns {Promise<Scene>}
 */
export async function universalScene(engine, seen, noise, perturbation, levels) {
  const strength = strengthAt(levels, perturbation);
  const [result, drawing] = await Promise.all([
    answered(engine, seen, { perturbation, strength }),
    drawAt(engine, perturbation, strength),
  ]);
  return {
    ...bareScene(result.picture),
    noise,
    clean: result.clean,
    perturbed: result.perturbed,
    fooled: result.fooled,
    sum: result.sum,
    norms: result.norms,
    milliseconds: result.milliseconds,
    on: engine.device,
    drawing,
    perturbation,
    strength,
  };
}

/**
 * @param {Engine} engine
 * @param {Shown} picture
 * @param {Found} found
 * @param {Target | null} [target]
 * @returns {Promise<Scene>}
 */
export async function deepfoolScene(engine, picture, found, target = null) {
  const data = /** @type {Float32Array<ArrayBuffer>} */ (found.perturbation);
  const sum = withPixels(picture.pixels, found.perturbedRgba);
  const [drawing, saved] = await Promise.all([
    engine.draw(data),
    // Which class the saved sum has, and not only whether it is another than the picture's.
    target && sum ? engine.classify(sum) : null,
  ]);
  return {
    ...bareScene(picture),
    noise: 'deepfool',
    clean: found.clean,
    perturbed: found.adversarial,
    fooled: found.fooled,
    sum,
    norms: found.norms,
    milliseconds: found.milliseconds,
    on: engine.device,
    drawing,
    strength: 1,
    found,
    target,
    saved: saved?.clean ?? null,
  };
}

/** Whether one fools by less. @param {Scene} scene @param {Scene} other */
export const isSmaller = (scene, other) =>
  scene.fooled && (!other.fooled || (scene.norms?.l2 ?? Infinity) < (other.norms?.l2 ?? Infinity));

/** What DeepFool's noise was. @param {Scene} scene @returns {First} */
export const firstOf = ({ first, norms, milliseconds, fooled }) =>
  first ?? { l2: norms?.l2 ?? 0, milliseconds, fooled };

/**
 * The scene with a smaller noise in it, which is on the way to a smaller one yet.
 * @param {Engine} engine
 * @param {Scene} scene with DeepFool's noise, or with a smaller one
 * @param {SmallestProgress} smaller
 * @returns {Promise<Scene | null>} null where the noise that it has is as small
 */
export async function smallerScene(engine, scene, smaller) {
  const { picture, norms, fooled } = scene;
  if (fooled && norms && smaller.norms.l2 >= norms.l2) return null;
  const data = /** @type {Float32Array<ArrayBuffer>} */ (smaller.perturbation);
  return {
    ...scene,
    perturbed: smaller.adversarial,
    fooled: true,
    sum: withPixels(picture.pixels, smaller.perturbedRgba),
    norms: smaller.norms,
    drawing: await engine.draw(data),
    found: null,
    saved: null,
    first: firstOf(scene),
    smallest: true,
    vain: null,
  };
}

/** The last drawing: in a live picture only the picture changes. */
const last = {
  data: /** @type {Float32Array | null} */ (null),
  strength: NaN,
  drawing: /** @type {Drawing | null} */ (null),
};

/**
 * @param {Engine} engine
 * @param {Perturbation} universal
 * @param {number} strength
 */
async function drawAt(engine, { data }, strength) {
  if (last.drawing && last.data === data && last.strength === strength) return last.drawing;
  const drawing = await engine.draw(data, strength);
  Object.assign(last, { data, strength, drawing });
  return drawing;
}

/** @param {Picture} picture @param {Uint8Array | null} rgba @returns {Picture | null} */
const withPixels = (picture, rgba) =>
  rgba && {
    ...picture,
    rgba: new Uint8ClampedArray(
      /** @type {ArrayBuffer} */ (rgba.buffer),
      rgba.byteOffset,
      rgba.byteLength,
    ),
  };

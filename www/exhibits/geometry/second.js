/**
 * The second direction of the plane, as the address has it: `random-2` is drawn by
 * a seed, `class-7` is the smallest noise to another class, anything else is the id
 * of a universal noise; nothing is the first random one.
 */
import { classNoiseName, randomName, universalName } from '../../words/geometry.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Found, PerturbationInfo, Picture } from '../../engine/types.js'
 *
 * @typedef {'random' | 'class' | 'universal'} Kind
 * @typedef {{ setting: string, name: string }} Choice
 */

const RANDOM = /^random-(\d{1,9})$/;
const CLASS = /^class-(\d{1,5})$/;

/** @param {string} across @returns {Kind} */
export const kindOf = (across) =>
  seedOf(across) !== null ? 'random' : CLASS.test(across) ? 'class' : 'universal';

/**
 * The seed of a random direction, from 0; null where the setting names a noise.
 * @param {string} across
 */
export function seedOf(across) {
  if (!across) return 0;
  const found = RANDOM.exec(across);
  return found ? Math.max(0, Number(found[1]) - 1) : null;
}

/** @param {number} seed */
export const settingOf = (seed) => (seed === 0 ? '' : `random-${seed + 1}`);

/**
 * All that there is to choose from; what the address has is among them.
 * @param {string} across
 * @param {Found} found the smallest noise
 * @param {PerturbationInfo[]} universals
 * @param {string[]} names of all classes
 * @returns {Choice[]}
 */
export function choices(across, found, universals, names) {
  const seed = seedOf(across) ?? 0;
  const taken = new Set([found.clean.top[0].label, found.adversarial.top[0].label]);
  const likely = found.clean.top.map(({ label }) => label).filter((label) => !taken.has(label));
  const wished = Number(CLASS.exec(across)?.[1] ?? NaN);
  const labels = names[wished] ? [...new Set([...likely, wished])] : likely;
  return [
    { setting: settingOf(seed), name: randomName(seed) },
    ...labels.map((label) => ({
      setting: `class-${label}`,
      name: classNoiseName(names[label] ?? String(label)),
    })),
    ...universals.map(({ id, title }) => ({ setting: id, name: universalName(title) })),
  ];
}

/**
 * Whether the class is one that the smallest noise leads from or to: then both
 * directions are the same.
 * @param {string} across
 * @param {Found} found
 */
export function leadsThere(across, { clean, adversarial }) {
  const label = Number(CLASS.exec(across)?.[1] ?? NaN);
  return label === clean.top[0].label || label === adversarial.top[0].label;
}

/**
 * The noise that it leads along; null where it is random.
 * @param {string} across
 * @param {Engine} engine
 * @param {Picture} picture
 * @param {AbortSignal} signal
 * @returns {Promise<Float32Array<ArrayBuffer> | null>}
 */
export async function secondNoise(across, engine, picture, signal) {
  const kind = kindOf(across);
  if (kind === 'random') return null;
  if (kind === 'universal') return (await engine.loadPerturbation(across)).data;
  const target = Number(CLASS.exec(across)?.[1]);
  const { perturbation } = await engine.deepfool(picture, { target, signal });
  return /** @type {Float32Array<ArrayBuffer>} */ (perturbation);
}

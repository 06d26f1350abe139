/** What is asked of the classifier for the scene that is wanted. */
import { cleanScene, levelsOf, universalScene } from './scene.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Settings } from '../../state.js'
 * @import { Making } from './making.js'
 * @import { NoiseChoice } from './noise-choice.js'
 * @import { Filmed, Scene, Shown } from './scene.js'
 *
 * @typedef {object} Wanted what is to be shown
 * @property {Engine} engine
 * @property {Settings} settings
 * @property {NoiseChoice} choice
 * @property {Making | null} making
 */

/**
 * The scene of what was seen, but for DeepFool's noise, which takes a while.
 * @param {Wanted} wanted
 * @param {Shown | Filmed} seen
 * @returns {Promise<{ scene: Scene, counts: boolean }>} and whether it counts for the noise's score
 */
export async function sceneOf({ engine, settings, choice, making }, seen) {
  const { noise, strength } = settings;
  const { noises, inUse } = choice;
  if (making?.grown) {
    const { grown } = making;
    const scene = await universalScene(engine, seen, 'universal', grown, levelsOf(grown));
    return { scene, counts: false };
  }
  if (!making && (noise === 'universal' || noise === 'random') && inUse && noises) {
    const shown = noise === 'random' ? await noises.random(inUse) : inUse;
    return { scene: await universalScene(engine, seen, noise, shown, strength), counts: true };
  }
  return { scene: await cleanScene(engine, seen), counts: false };
}

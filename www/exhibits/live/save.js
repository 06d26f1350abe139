/** Files for the visitor: the noise, exactly and as a picture, and the picture with it. */

import { offer, png } from '../../pictures/download.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Scene } from './scene.js'
 */

/** What each file is, and what must be known to check it elsewhere. */
export const FILES = [
  {
    id: 'npy',
    label: 'The noise, exact (.npy)',
    note: 'Found with this page’s weights, which are 16-bit and folded: added elsewhere, to weights of 32 bits, it may fall just short.',
  },
  { id: 'noise', label: 'The noise, amplified (.png)' },
  { id: 'sum', label: 'The picture with noise (.png)' },
  { id: 'picture', label: 'The picture as the classifier sees it (.png)' },
  { id: 'picture-npy', label: 'The same, exact, from 0 to 1 (.npy)' },
];

/** Which of them there are. @param {Scene | null} scene */
export const filesFor = (scene) =>
  FILES.map((file) => ({
    ...file,
    disabled: file.id.startsWith('picture') ? !scene?.clean : !scene?.drawing,
  }));

/**
 * @param {string} what an id of FILES
 * @param {Engine} engine
 * @param {Scene} scene
 */
export async function saveFile(what, engine, scene) {
  const picture = `foolscope-${scene.picture.key.replace(/[^\w-]+/g, '-')}`;
  const name = `${picture}-${scene.noise}`;
  if (what === 'npy') {
    const exact = exactNoise(scene);
    if (exact) offer(`${name}.npy`, await engine.toNpy(exact));
  }
  if (what === 'noise' && scene.drawing) {
    offer(`${name}-noise-x${scene.drawing.factor}.png`, png(scene.drawing));
  }
  if (what === 'sum' && scene.sum) offer(`${name}-sum.png`, png(scene.sum));
  if (what === 'picture') offer(`${picture}.png`, png(scene.picture.pixels));
  if (what === 'picture-npy') {
    offer(`${picture}.npy`, await engine.pictureToNpy(scene.picture.pixels));
  }
}

/** @param {Scene} scene */
function exactNoise(scene) {
  if (scene.found) return scene.found.perturbation;
  return scene.perturbation && scene.perturbation.data.map((value) => value * scene.strength);
}

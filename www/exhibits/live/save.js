/** Files for the visitor: the noise, exactly and as a picture, and the picture with it. */

import { offer, png } from '../../pictures/download.js';
import { FILE_LABELS, NPY_NOTE } from '../../words/live-figure.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Scene } from './scene.js'
 */

/** What each file is, and what must be known to check it elsewhere. */
export const FILES = [
  { id: 'npy', label: FILE_LABELS.npy, note: NPY_NOTE },
  { id: 'noise', label: FILE_LABELS.noise },
  { id: 'sum', label: FILE_LABELS.sum },
  { id: 'picture', label: FILE_LABELS.picture },
  { id: 'picture-npy', label: FILE_LABELS['picture-npy'] },
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
  const name = `${picture}-${scene.smallest ? 'smallest' : scene.noise}`;
  if (what === 'npy') {
    const exact = exactNoise(scene);
    if (exact) offer(`${name}.npy`, await engine.toNpy(exact));
  }
  if (what === 'noise' && scene.drawing) {
    offer(`${name}-noise-x${scene.drawing.factor}.png`, await png(scene.drawing));
  }
  if (what === 'sum' && scene.sum) offer(`${name}-sum.png`, await png(scene.sum));
  if (what === 'picture') offer(`${picture}.png`, await png(scene.picture.pixels));
  if (what === 'picture-npy') {
    offer(`${picture}.npy`, await engine.pictureToNpy(scene.picture.pixels));
  }
}

/** @param {Scene} scene */
function exactNoise(scene) {
  if (scene.found) return scene.found.perturbation;
  return scene.perturbation && scene.perturbation.data.map((value) => value * scene.strength);
}

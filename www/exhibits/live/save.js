/** Files for the visitor: the noise, exactly and as a picture, and the picture with it. */

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Scene } from './scene.js'
 */

export const FILES = [
  { id: 'npy', label: 'The noise, exact (.npy)' },
  { id: 'noise', label: 'The noise, amplified (.png)' },
  { id: 'sum', label: 'The picture with noise (.png)' },
];

/**
 * @param {string} what an id of FILES
 * @param {Engine} engine
 * @param {Scene} scene
 */
export async function saveFile(what, engine, scene) {
  const name = `foolscope-${scene.picture.key.replace(/[^\w-]+/g, '-')}-${scene.noise}`;
  if (what === 'npy') {
    const exact = exactNoise(scene);
    if (exact) offer(`${name}.npy`, new Blob([await engine.toNpy(exact)]));
  }
  if (what === 'noise' && scene.drawing) {
    offer(`${name}-noise-x${scene.factor}.png`, await png(scene.drawing));
  }
  if (what === 'sum' && scene.sum) offer(`${name}-sum.png`, await png(scene.sum));
}

/** @param {Scene} scene */
function exactNoise(scene) {
  if (scene.found) return scene.found.perturbation;
  return scene.perturbation && scene.perturbation.data.map((value) => value * scene.strength);
}

/** @param {{ rgba: Uint8ClampedArray<ArrayBuffer>, side: number }} picture @returns {Promise<Blob>} */
async function png({ rgba, side }) {
  const canvas = new OffscreenCanvas(side, side);
  canvas.getContext('2d')?.putImageData(new ImageData(rgba, side, side), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** @param {string} name @param {Blob} blob */
function offer(name, blob) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

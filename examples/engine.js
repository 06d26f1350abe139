/** The smallest noise for a picture: what a page of one's own has to write. */
import { createEngine } from '../engine.js';

const status = document.querySelector('[role="status"]');
const input = document.querySelector('input');
const canvas = document.querySelector('canvas');

// Weights and programs lie beside the page, one folder up from here.
const engine = await createEngine({ network: 'lenet-mnist', assets: '../' });
status.textContent = `${engine.network.title} is ready.`;
input.disabled = false;

input.addEventListener('change', async () => {
  try {
    const picture = await engine.loadPicture(input.files[0]);
    const { perturbation, clean, adversarial, norms } = await engine.deepfool(picture);
    const { perturbedRgba } = await engine.classify(picture, { perturbation });
    canvas.width = canvas.height = picture.side;
    const image = new ImageData(new Uint8ClampedArray(perturbedRgba), picture.side, picture.side);
    canvas.getContext('2d').putImageData(image, 0, 0);
    status.textContent =
      `A noise ${norms.l2.toFixed(1)} grey levels long turns ` +
      `${clean.top[0].name} into ${adversarial.top[0].name}.`;
  } catch (error) {
    status.textContent = error.message; // One sentence, for people.
  }
});

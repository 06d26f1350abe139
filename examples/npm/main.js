/** Names a picture, and says how large a noise has to be to change the answer. */
import { createEngine } from 'foolscope';

const said = /** @type {HTMLOutputElement} */ (document.querySelector('output'));

// Where weights and samples lie: what `npm run build` leaves in dist/.
const assets = new URLSearchParams(location.search).get('assets') ?? './foolscope/';

try {
  const engine = await createEngine({ assets, device: 'cpu' });
  const picture = await engine.loadPicture(`${assets}samples/coffee.png`);
  const { adversarial, clean, norms } = await engine.deepfool(picture);
  const random = await engine.smallestRandom(picture, { draws: 1 });
  const times = (random.found.norms.l2 / norms.l2).toFixed(1);
  said.textContent =
    `${clean.top[0].name}; with a noise ${norms.l2.toFixed(2)} grey levels long ` +
    `${adversarial.top[0].name}; random noise has to be ${times} times as long.`;
  engine.dispose();
} catch (error) {
  said.textContent = String(error);
}

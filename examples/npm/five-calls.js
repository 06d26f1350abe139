/** The five calls that people come for: docs/api.md shows them, and the tests run them. */

// ## Open a network

import { createEngine } from 'foolscope';

const engine = await createEngine({
  network: 'lenet-cifar10',
  assets: './foolscope/', // where models/ lies
  onProgress: ({ stage }) => console.debug(stage),
});

// ## Read a picture

const picture = await engine.loadPicture('./foolscope/samples/chelsea.png');
const { clean } = await engine.classify(picture);
const [{ name, probability }] = clean.top;

// ## DeepFool

const { adversarial, norms, perturbation } = await engine.deepfool(picture);
const { perturbedRgba } = await engine.classify(picture, { perturbation });
console.debug(`${norms.l2} grey levels make of ${name} ${adversarial.top[0].name}`);

// ## A universal perturbation

const files = ['astronaut.png', 'coffee.png', 'rocket.jpg', 'flower.jpg', 'china.jpg'];
const own = await Promise.all(
  files.map((file) => engine.loadPicture(`./foolscope/samples/${file}`)),
);
const grown = await engine.universal({ own }, { norm: 'linf', radius: 10 });
const counted = await engine.fooling(own, grown.perturbation);

// ## Save it

const npy = await engine.toNpy(grown.perturbation);
const link = Object.assign(document.createElement('a'), {
  href: URL.createObjectURL(new Blob([npy])),
  download: 'universal.npy', // numpy.load reads it
});
const again = await engine.readPerturbation(npy);

export { adversarial, again, counted, grown, link, name, norms, perturbedRgba, probability };

/** Every core: helpers share the work, are never needed, and change no figure. */
import { expect, openEmptyPage, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

/**
 * What the engine computes with so many workers, every value of it.
 * @param {Page} page
 * @param {string} address
 * @param {import('../../www/engine/types.js').EngineOptions & { workers: number, tasks: string[] }} options
 */
const figures = (page, address, options) =>
  page.evaluate(
    async ([engineUrl, { tasks, ...options }]) => {
      const { createEngine } = await import(engineUrl);
      const engine = await createEngine({ device: 'cpu', ...options });
      const samples = ['coffee.png', 'chelsea.png', 'rocket.jpg', 'astronaut.png'];
      const pictures = await Promise.all(
        samples.map((name) => engine.loadPicture(`samples/${name}`)),
      );
      const [picture] = pictures;
      const started = engine.workers;
      await engine.classify(picture);
      const afterFirst = engine.workers;

      // Long work starts the helpers; the figures are of what they had a share in.
      const until = performance.now() + 20_000;
      while (engine.workers < options.workers && performance.now() < until) {
        await engine.classGradients(picture, [0, 1]);
      }
      const shared = engine.workers;
      let fewest = shared;
      const watch = setInterval(() => (fewest = Math.min(fewest, engine.workers)), 2);

      /** @param {Float32Array} values */
      const digest = async (values) => {
        const bytes = await crypto.subtle.digest('SHA-256', values.slice());
        return [...new Uint8Array(bytes)].map((byte) => byte.toString(16)).join(' ');
      };
      /** @type {Record<string, () => Promise<unknown>>} */
      const all = {
        gradients: async () => digest(await engine.classGradients(picture, [0, 1, 2, 3, 4])),
        deepfool: async () => {
          const { perturbation, iterations, norms, fooled } = await engine.deepfool(picture);
          return { iterations, norms, fooled, values: await digest(perturbation) };
        },
        universal: async () => {
          const made = await engine.universal({ own: pictures }, { maxPasses: 3, seed: 1 });
          const { perturbation, rates, gradientEvaluations } = made;
          return { rates, gradientEvaluations, values: await digest(perturbation) };
        },
        fooling: async () => {
          const noise = await engine.randomNoise({ radius: 60, seed: 3 });
          return engine.fooling([...pictures, ...pictures, picture], noise);
        },
        pair: async () => {
          const noise = await engine.randomNoise({ radius: 20, seed: 3 });
          const { clean, perturbed } = await engine.classify(picture, { perturbation: noise });
          return { clean, perturbed };
        },
      };
      /** @type {Record<string, unknown>} */
      const found = {};
      for (const task of tasks) found[task] = await all[task]();
      clearInterval(watch);
      engine.dispose();
      return { started, afterFirst, shared, fewest, found };
    },
    /** @type {const} */ ([`${address}engine.js`, options]),
  );

const everything = ['gradients', 'deepfool', 'universal', 'fooling', 'pair'];

test('a small network has the same figures with 1, 2 and 3 workers', async ({ page, address }) => {
  await openEmptyPage(page, address);
  const options = { network: 'nin-cifar10', tasks: everything };
  const alone = await figures(page, address, { ...options, workers: 1 });
  expect(alone.shared).toBe(1);
  for (const workers of [2, 3]) {
    const together = await figures(page, address, { ...options, workers });
    expect(together.shared).toBe(workers);
    expect(together.fewest).toBe(workers);
    expect(together.found).toEqual(alone.found);
  }
});

test('so has EfficientNet-Lite0, and its helpers wait for the first long task', async ({
  page,
  address,
}) => {
  await openEmptyPage(page, address);
  const tasks = ['gradients', 'deepfool', 'fooling', 'pair'];
  const alone = await figures(page, address, { tasks, workers: 1 });
  const together = await figures(page, address, { tasks, workers: 2 });
  expect(together).toMatchObject({ started: 1, afterFirst: 1, shared: 2, fewest: 2 });
  expect(together.found).toEqual(alone.found);
});

for (const inject of /** @type {const} */ (['helper-fails', 'helper-killed'])) {
  test(`${inject} in the middle of a DeepFool: nothing is lost`, async ({ page, address }) => {
    await openEmptyPage(page, address);
    const options = { network: 'lenet-cifar10', tasks: ['deepfool', 'gradients'] };
    const alone = await figures(page, address, { ...options, workers: 1 });
    const together = await figures(page, address, { ...options, workers: 2, inject });
    expect(together).toMatchObject({ shared: 2, fewest: 1 });
    expect(together.found).toEqual(alone.found);
  });
}

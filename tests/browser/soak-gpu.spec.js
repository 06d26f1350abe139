/** The same as soak.spec.js on a GPU, in software, with a small network. */
import { judge, soak } from '../../tools/lib/soak.mjs';
import { camera, launch, softwareGpu } from './playwright.config.js';
import { expect, test } from './visit.js';

test.use({
  launchOptions: launch([...camera(process.env.FOOLSCOPE_FILM ?? ''), ...softwareGpu]),
});
test.setTimeout(240_000);

test('a minute of the webcam takes no more memory and no more time on a GPU', async ({
  page,
  address,
}) => {
  const wish = { address, device: /** @type {const} */ ('gpu'), network: 'lenet-cifar10' };
  const samples = await soak(page, { ...wish, seconds: 60, every: 4 });
  expect(judge(samples, 20).failures, JSON.stringify(samples, null, 1)).toEqual([]);
});

/** Some of what `npm run soak` does for half an hour. */
import { judge, soak } from '../../tools/lib/soak.mjs';
import { camera, launch, softwareGpu } from './playwright.config.js';
import { expect, test } from './visit.js';

const film = camera(process.env.FOOLSCOPE_FILM ?? '');

test.use({ launchOptions: launch(film) });

test('a minute of the webcam with the noise on takes no more memory and no more time', async ({
  page,
  address,
}) => {
  const wish = { address, device: /** @type {const} */ ('cpu'), network: 'efficientnet-lite0' };
  const samples = await soak(page, { ...wish, seconds: 60, every: 4 });
  expect(judge(samples, 20).failures, JSON.stringify(samples, null, 1)).toEqual([]);
});

test.describe('on a GPU', () => {
  test.use({ launchOptions: launch([...film, ...softwareGpu]) });

  test('a minute takes no more memory and no more time there', async ({ page, address }) => {
    test.setTimeout(240_000);
    const wish = { address, device: /** @type {const} */ ('gpu'), network: 'lenet-cifar10' };
    const samples = await soak(page, { ...wish, seconds: 60, every: 4 });
    expect(judge(samples, 20).failures, JSON.stringify(samples, null, 1)).toEqual([]);
  });
});

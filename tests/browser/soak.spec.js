/** Some of what `npm run soak` does for half an hour. */
import { judge, soak } from '../../tools/lib/soak.mjs';
import { camera, launch } from './playwright.config.js';
import { expect, test } from './visit.js';

test.use({ launchOptions: launch(camera(process.env.FOOLSCOPE_FILM ?? '')) });

test('a minute of the webcam with the noise on takes no more memory and no more time', async ({
  page,
  address,
}) => {
  const wish = { address, device: /** @type {const} */ ('cpu'), network: 'efficientnet-lite0' };
  const samples = await soak(page, { ...wish, seconds: 60, every: 4 });
  expect(judge(samples, 20).failures, JSON.stringify(samples, null, 1)).toEqual([]);
});

/** The same where there is a GPU, whose module is the largest file. */
import { NOT_ARRIVED, test } from './line.js';
import { Live } from './live.js';
import { launch, softwareGpu } from './playwright.config.js';
import { expect } from './visit.js';

test.use({ launchOptions: launch(softwareGpu) });

test('the program for the GPU breaks off half way: the CPU goes on, and the page says so', async ({
  page,
  line,
  provokes,
}) => {
  provokes(NOT_ARRIVED);
  line.breaks(/gpu\/.*\.wasm/);
  const live = new Live(page);
  await live.open(`${line.address}?network=lenet-mnist&device=gpu`);
  await expect(live.device).toContainText(
    'The program for the GPU could not be downloaded. The CPU does the work instead.',
    { timeout: 60_000 },
  );
  await live.choose('digit-3');
});

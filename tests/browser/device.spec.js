/**
 * The faster device: measured, remembered, and a visitor's to change. There is
 * no graphics card here, so a software adapter says that it is one.
 */
import { disguise } from './disguise.js';
import { Live } from './live.js';
import { launch, softwareGpu } from './playwright.config.js';
import { expect, test } from './visit.js';

/** @import { BrowserContext } from '@playwright/test' */

test.use({ launchOptions: launch(softwareGpu) });
test.setTimeout(240_000);

/** The GPU's module, packed or not. */
const GPU_FILES = /\/gpu(\/foolscope|\.[0-9a-f]+\.js)/;

/** Requests for the GPU's module, as they come. @param {BrowserContext} context */
function gpuDownloads(context) {
  const seen = { count: 0 };
  context.on('request', (request) => {
    if (GPU_FILES.test(request.url())) seen.count += 1;
  });
  return seen;
}

test('without a GPU its module is not downloaded', async ({ page, context, address }) => {
  const downloads = gpuDownloads(context);
  const live = new Live(page);
  await live.open(address);
  await expect(live.device).toContainText('emulated in software');
  await expect(live.device.getByRole('button')).toHaveCount(0);
  // As long as a GPU would wait for the first question, and longer.
  await page.waitForTimeout(3000);
  expect(downloads.count).toBe(0);
});

test('both are measured once; the next visit knows, until there is another GPU', async ({
  page,
  context,
  address,
}) => {
  await disguise(context, 'first');
  const downloads = gpuDownloads(context);
  const live = new Live(page);
  const small = `${address}?network=lenet-mnist`;
  const measured = /The CPU answers in [\d.]+ ms, the GPU in [\d.]+\./;

  await live.open(small);
  await expect(live.device).toContainText('on the CPU');
  await expect(live.device).toHaveText(measured, { timeout: 120_000 });
  expect(downloads.count).toBeGreaterThan(0);
  const known = await page.evaluate(
    () => /** @type {any} */ (window).foolscope.engine.device.milliseconds,
  );
  expect(known.cpu).toBeGreaterThan(0);
  expect(known.gpu).toBeGreaterThan(known.cpu);

  downloads.count = 0;
  await page.reload();
  await expect(live.device).toHaveText(measured);
  await page.waitForTimeout(3000);
  expect(downloads.count).toBe(0);

  await disguise(context, 'second');
  await page.reload();
  await expect.poll(() => downloads.count, { timeout: 30_000 }).toBeGreaterThan(0);
  await expect(live.device).toHaveText(measured, { timeout: 120_000 });
});

test('a visitor moves to the GPU and back, and the address says so', async ({
  page,
  context,
  address,
}) => {
  await disguise(context, 'first');
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=cpu`);
  await expect(live.device).toContainText('The CPU was asked for.');

  await live.device.getByRole('button', { name: 'Use the GPU' }).click();
  await expect(live.device).toContainText('on the GPU', { timeout: 120_000 });
  await expect(page).toHaveURL(/device=gpu/);
  await live.choose('digit-3');
  await expect(live.device).toContainText('on the GPU');

  await live.device.getByRole('button', { name: 'Use the CPU' }).click();
  await expect(live.device).toContainText('on the CPU');
  await expect(page).toHaveURL(/device=cpu/);
  await live.choose('digit-4');

  await live.device.getByRole('button', { name: 'Use the faster one' }).click();
  await expect(live.device).toHaveText(/The CPU answers in .* ms, the GPU in/, {
    timeout: 120_000,
  });
  await expect(page).not.toHaveURL(/device=/);
});

test('a GPU module that does not arrive leaves the CPU, and the page says so', async ({
  page,
  context,
  address,
  provokes,
}) => {
  provokes(/ERR_FAILED/);
  await context.route(GPU_FILES, (route) => route.abort());
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=gpu`);
  await expect(live.device).toContainText(
    'The program for the GPU could not be downloaded. The CPU does the work instead.',
  );
  await live.choose('digit-3');
});

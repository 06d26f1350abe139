/** A webcam: a fake one, which plays a film made of the sample photos. */
import { readFile } from 'node:fs/promises';
import { Live, rows } from './live.js';
import { expect, test } from './visit.js';
import { launch } from './playwright.config.js';

/** @import { Browser, Page } from '@playwright/test' */

test.use({
  launchOptions: launch([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${process.env.FOOLSCOPE_FILM}`,
  ]),
});

test('a webcam is classified live, with and without noise, without growing', async ({
  page,
  address,
  browser,
}) => {
  const live = new Live(page);
  await live.open(address);
  await page.getByRole('button', { name: 'Webcam' }).click();
  const seen = new Set();
  await expect
    .poll(async () => seen.add((await rows(live.clean))[0]?.label).size, {
      message: 'different things that the film shows',
    })
    .toBeGreaterThanOrEqual(3);

  await live.universal.click();
  await live.shows('camera', 'universal');
  await page.waitForTimeout(2000);
  const start = await measure(page, browser);
  await page.waitForTimeout(10_000);
  const end = await measure(page, browser);
  expect(end.frames - start.frames, 'answers in ten seconds').toBeGreaterThan(20);
  expect(end.latency, 'milliseconds to answer one question').toBeLessThan(2 * start.latency + 50);
  expect(end.megabytes - start.megabytes, 'growth of the memory').toBeLessThan(40);

  await page.getByRole('button', { name: 'Stop the webcam' }).click();
  await expect(page.getByRole('button', { name: 'Webcam' })).toBeVisible();
  await live.choose('chelsea', 'universal');
});

/**
 * Frames answered so far, how long a question waits behind them, and the memory of the page's
 * process, its worker and the wasm included.
 * @param {Page} page
 * @param {Browser} browser
 */
async function measure(page, browser) {
  const { frames, latency } = await page.evaluate(async () => {
    const engine = /** @type {any} */ (window).foolscope.engine;
    const picture = await engine.loadPicture('samples/coffee.png');
    const times = [];
    for (let i = 0; i < 7; i++) {
      const start = performance.now();
      await engine.logits(picture);
      times.push(performance.now() - start);
    }
    const frames = Number(document.querySelector('live-exhibit')?.getAttribute('data-answers'));
    return { frames, latency: times.sort((a, b) => a - b)[3] };
  });
  return { frames, latency, megabytes: await memory(browser) };
}

/** @param {Browser} browser */
async function memory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  let pages = 0;
  for (const { type, id } of processInfo) {
    if (type !== 'renderer') continue;
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    pages += Number(status.match(/^VmRSS:\s+(\d+) kB/m)?.[1] ?? 0);
  }
  return pages / 1000;
}

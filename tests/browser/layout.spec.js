/** How the page stands in windows of all sizes, on paper, and in other people's pages; and that the noise is drawn to scale. */
import { Live } from './live.js';
import { expect, openEmptyPage, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const wide = (/** @type {Page} */ page) =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

test('nothing is wider than the window, from 320 to 1600 pixels', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&noise=universal`);
  /** @type {string[]} */
  const tooWide = [];
  const sizes = Array.from({ length: 65 }, (_, index) => [320 + 20 * index, 900]);
  for (const [width, height] of [...sizes, [844, 390], [320, 740], [1024, 768]]) {
    await page.setViewportSize({ width, height });
    const over = await wide(page);
    if (over > 0) tooWide.push(`${width} × ${height}: ${over}`);
  }
  expect(tooWide).toEqual([]);
});

test('on paper it is light, with its bars and without buttons', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&noise=universal&theme=dark`);
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 718, height: 1000 });
  expect(await wide(page)).toBeLessThanOrEqual(0);
  const paper = await page.evaluate(
    () => getComputedStyle(document.documentElement).backgroundColor,
  );
  expect(paper).toBe('rgb(255, 255, 255)');
  await expect(live.clean.locator('.bar-fill').first()).toBeVisible();
  const adjust = live.clean.locator('.bar-fill').first();
  await expect(adjust).toHaveCSS('print-color-adjust', 'exact');
  expect(await page.locator('button:visible').allInnerTexts()).toEqual([]);
});

test('on a phone a chosen sample is seen with its sum', async ({ page, address }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const live = new Live(page);
  await live.open(`${address}?noise=universal`);
  await page.locator('button[data-sample="chelsea"]').click();
  await live.shows('chelsea', 'universal');
  await expect(page.locator('#picture .square')).toBeInViewport({ ratio: 1 });
  await expect(page.locator('#sum .square')).toBeInViewport({ ratio: 1 });
});

test('the noise is drawn in proportion to its strength, with the factor that is said', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?noise=universal&strength=10`);
  const factor = page.getByTestId('noise-factor');
  /** The largest distance from mid-grey, in levels. */
  const drawn = () =>
    page.locator('#noise canvas').evaluate((canvas) => {
      const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
      const context = /** @type {HTMLCanvasElement} */ (canvas).getContext('2d');
      const data = context?.getImageData(0, 0, width, height).data ?? [];
      let most = 0;
      for (let at = 0; at < data.length; at += 4) most = Math.max(most, Math.abs(data[at] - 127.5));
      return most;
    });
  for (const strength of [0, 0.5, 1, 2, 10, 15, 20]) {
    await page.goto(`${address}?noise=universal&strength=${strength}`);
    await live.shows('coffee', 'universal');
    const said = Number((await factor.innerText()).replace(/[^\d.]/g, ''));
    expect(said).toBe(strength > 10 ? { 15: 8.5, 20: 6.3 }[strength] : 12);
    expect(Math.abs((await drawn()) - said * strength), `at ${strength}`).toBeLessThanOrEqual(1);
  }
});

test('DeepFool says which sum fools, and the reason follows from the figures', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&noise=deepfool&device=cpu&sample=digit-9`);
  await live.shows('digit-9', 'deepfool');
  expect(await live.figure('linf')).toBeGreaterThan(1);
  await expect(page.locator('[data-figure="exact"]')).toHaveText('yes');
  await expect(page.locator('[data-figure="clipping"]')).toHaveText('no');
  await expect(live.sentence).toContainText('goes beyond black or white');
  await expect(live.sentence).not.toContainText('wipes');
  await expect(page.locator('#sum .verdict')).toHaveText('fooled, exact sum only');
});

test('a frame follows the height of the exhibit', async ({ page, address }) => {
  await openEmptyPage(page, address);
  for (const width of [360, 820, 1100]) {
    await page.evaluate(
      ([url, width]) => {
        document.body.innerHTML = `<iframe src="${url}" width="${width}" height="300" frameborder="0"></iframe>`;
        // As the embed dialog offers it.
        window.onmessage = ({ source, data }) => {
          for (const frame of document.querySelectorAll('iframe'))
            if (frame.contentWindow === source && data?.foolscope)
              frame.height = data.foolscope.height;
        };
      },
      /** @type {const} */ ([`${address}?network=lenet-mnist&hide=header,footer`, width]),
    );
    const inside = page.frameLocator('iframe').locator('html');
    await expect(
      page.frameLocator('iframe').locator('live-exhibit[data-state="answered"]'),
    ).toBeVisible();
    await expect
      .poll(() => inside.evaluate((html) => html.scrollHeight - html.clientHeight), {
        message: `inner scrolling at ${width}`,
      })
      .toBe(0);
    expect(await inside.evaluate((html) => html.scrollWidth - html.clientWidth)).toBe(0);
  }
});

test('what is left out of a frame is chosen, and seen before', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist`);
  await page.locator('#embed').click();
  const dialog = page.locator('dialog.embed');
  const lines = dialog.getByLabel('Lines to paste');
  await expect(lines).toHaveValue(/hide=header,footer"/);
  await dialog.getByLabel(/choice of pictures/).check();
  await expect(lines).toHaveValue(/hide=header,footer,pictures"/);
  await dialog.locator('#preview').click();
  const frame = page.frameLocator('.embed-preview');
  await expect(frame.locator('live-exhibit[data-state="answered"]')).toBeVisible();
  await expect(frame.locator('picture-source')).toHaveCount(0);
});

/** Three noises: what is shown is what the engine finds, and the picture comes along. */
import { readFile } from 'node:fs/promises';
import { callCounts, countCalls, leaveAndReturn } from './exhibits.js';
import { Live } from './live.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const SMALL = '?device=cpu&network=lenet-cifar10';

/** @param {Page} page */
const answered = (page) =>
  expect(page.locator('noises-exhibit')).toHaveAttribute('data-state', 'answered', {
    timeout: 30_000,
  });

/** The length that is written under a noise. @param {Page} page @param {string} kind */
const length = async (page, kind) => {
  const text = await page.locator(`[data-kind="${kind}"] .length strong`).textContent();
  return Number(text?.replace(',', ''));
};

test('the three lengths are the engine’s own, on the axis and in the sentence too', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&exhibit=noises&sample=chelsea`);
  await answered(page);
  const own = await page.evaluate(async () => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const picture = await engine.loadPicture('samples/chelsea.png');
    const exact = await engine.deepfool(picture);
    const semi = await engine.semiRandom(picture, { dimension: 48 });
    const { found } = await engine.smallestRandom(picture, { draws: 3 });
    return {
      exact: exact.norms.l2,
      semi: semi.norms.l2,
      random: found.norms.l2,
      clean: exact.clean.top[0].name,
    };
  });
  for (const kind of /** @type {const} */ (['exact', 'semi', 'random'])) {
    // Two digits are written.
    const shown = await length(page, kind);
    expect(Math.abs(shown / own[kind] - 1), kind).toBeLessThan(0.05);
  }
  expect(own.exact).toBeLessThan(own.semi);
  expect(own.semi).toBeLessThan(own.random);

  const sentence = page.locator('#sentence');
  await expect(sentence).toContainText(own.clean);
  await expect(sentence).toContainText('48 random dimensions of 3,072');
  await expect(sentence).toContainText('√(d/m) = 8)');
  const rows = page.locator('length-axis table tr');
  await expect(rows).toHaveCount(5);
  const written = (await rows.locator('td').allTextContents()).map((text) =>
    Number(text.replace(',', '')),
  );
  // Random, semi-random, adversarial; then what is expected of the first two.
  expect(written[3] / written[2]).toBeCloseTo(Math.sqrt(3072), -1);
  expect(written[4] / written[2]).toBeCloseTo(8, 0);
});

test('m is a setting: it changes one noise, and stands in the address', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&exhibit=noises`);
  await answered(page);
  const [exact, semi, random] = [
    await length(page, 'exact'),
    await length(page, 'semi'),
    await length(page, 'random'),
  ];
  const slider = page.locator('#dimension');
  await slider.fill('1000');
  await answered(page);
  await expect.poll(() => length(page, 'semi')).toBe(exact);
  expect(await length(page, 'random')).toBe(random);
  await expect(page).toHaveURL(/dimension=3072/);
  await slider.fill('0');
  await answered(page);
  await expect.poll(() => length(page, 'semi')).toBeGreaterThan(semi);
  await page.reload();
  await answered(page);
  await expect(page.locator('#sentence')).toContainText('Within 1 random');
});

test('exhibits are steps of the history, and the picture at hand comes along', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${SMALL}`);
  await live.upload({
    name: 'flower.jpg',
    mimeType: 'image/jpeg',
    buffer: await readFile(new URL('../../www/assets/samples/flower.jpg', import.meta.url)),
  });
  await expect(live.exhibit).toHaveAttribute('data-picture', /^flower/);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  const clean = await live.clean.locator('.bar').first().getAttribute('data-label');

  await page.getByRole('link', { name: 'Three noises' }).click();
  await answered(page);
  await expect(page).toHaveURL(/exhibit=noises/);
  await expect(page.locator('.noises-picture canvas')).toHaveAccessibleName('flower.jpg');
  const first = page.locator('.noises-picture .bar').first();
  await expect(first).toHaveAttribute('data-label', String(clean));

  await page.goBack();
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  await expect(live.picture).toContainText('flower.jpg');
  await page.goForward();
  await answered(page);
  await expect(first).toHaveAttribute('data-label', String(clean));
});

test('it can be stopped, and goes on with what it had', async ({ page, address }) => {
  await page.goto(`${address}?device=cpu&exhibit=noises`);
  const exact = page.locator('[data-kind="exact"] .length strong');
  await expect(exact).toBeVisible({ timeout: 60_000 });
  const before = await exact.textContent();
  await page.keyboard.press('Escape');
  const goOn = page.getByRole('button', { name: 'Go on' });
  await expect(goOn).toBeVisible();
  await goOn.click();
  await expect(page.locator('[data-kind="semi"] .length strong')).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(goOn).toBeVisible();
  expect(await exact.textContent()).toBe(before);
});

test('whoever comes back finds it as it was, and what was stopped stays stopped', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&exhibit=noises`);
  await answered(page);
  const sentence = page.locator('#sentence');
  const before = await sentence.textContent();
  const calls = ['deepfool', 'semiRandom', 'smallestRandom'];
  await countCalls(page, calls);
  await leaveAndReturn(page);
  await answered(page);
  await expect(sentence).toHaveText(before ?? '');
  await expect(page.locator('noise-view canvas')).toHaveCount(3);
  expect(Object.values(await callCounts(page))).toEqual([0, 0, 0]);

  // Another m is another semi-random noise, and nothing else.
  await page.locator('#dimension').fill('1000');
  await expect(sentence).toContainText('With all dimensions');
  expect(await callCounts(page)).toEqual({ deepfool: 0, semiRandom: 1, smallestRandom: 0 });

  await page.goto(`${address}?device=cpu&exhibit=noises`);
  const exact = page.locator('[data-kind="exact"] .length strong');
  await expect(exact).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Escape');
  const goOn = page.getByRole('button', { name: 'Go on' });
  await expect(goOn).toBeVisible();
  const found = await exact.textContent();
  await countCalls(page, calls);
  await leaveAndReturn(page);
  await expect(goOn).toBeVisible();
  await expect(exact).toHaveText(found ?? '');
  expect(Object.values(await callCounts(page))).toEqual([0, 0, 0]);
});

for (const width of [320, 390, 844]) {
  test(`no sideways scroll at ${width} px`, async ({ page, address }) => {
    await page.setViewportSize({ width, height: 740 });
    await page.goto(`${address}${SMALL}&exhibit=noises`);
    await answered(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}

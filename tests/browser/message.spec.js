/** Hidden message: words that are typed become a noise, and what is saved is what was answered. */
import { readFile } from 'node:fs/promises';
import { callCounts, countCalls, leaveAndReturn } from './exhibits.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const SMALL = '?device=cpu&exhibit=message&network=lenet-cifar10&sample=chelsea';

/** @param {Page} page */
const exhibit = (page) => page.locator('message-exhibit');

/** @param {Page} page */
const answered = (page) =>
  expect(exhibit(page)).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });

/** @param {Page} page @param {string} name */
const figure = async (page, name) =>
  Number.parseFloat(
    (await page.locator(`[data-figure="${name}"] dd`).innerText()).replace(',', ''),
  );

/** Exactly. @param {Page} page */
const length = (page) =>
  exhibit(page).evaluate((exhibit) => /** @type {any} */ (exhibit).shown.found.norms.l2);

/** @param {Page} page @param {string} term */
const label = async (page, term) =>
  Number(await page.locator(`#${term} .bar`).first().getAttribute('data-label'));

test('the saved picture is read as the sum was, and holds the words of the length that is said', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}`);
  await answered(page);
  await expect(exhibit(page)).toHaveAttribute('data-fooled', 'true');
  const saving = page.waitForEvent('download');
  await page.locator('#save').click();
  const file = await saving;
  expect(file.suggestedFilename()).toBe('foolscope-chelsea-hidden-message.png');
  const bytes = (await readFile(await file.path())).toString('base64');
  const seen = await page.evaluate(async (bytes) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const saved = new Blob([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))]);
    const sum = await engine.loadPicture(saved);
    const picture = await engine.loadPicture('samples/chelsea.png');
    const differences = sum.rgba.map((/** @type {number} */ value, /** @type {number} */ at) =>
      Math.abs(value - picture.rgba[at]),
    );
    const squares = differences.reduce(
      (/** @type {number} */ all, /** @type {number} */ each) => all + each * each,
      0,
    );
    const answer = async (/** @type {unknown} */ of) =>
      (await engine.classify(of)).clean.top[0].label;
    return {
      sum: await answer(sum),
      clean: await answer(picture),
      l2: Math.sqrt(squares),
      linf: Math.max(...differences),
    };
  }, bytes);
  expect(seen.sum).toBe(await label(page, 'sum'));
  expect(seen.clean).toBe(await label(page, 'picture'));
  expect(seen.sum).not.toBe(seen.clean);
  // Rounded to whole levels, and written with two digits.
  expect(Math.abs(seen.l2 / (await figure(page, 'l2')) - 1)).toBeLessThan(0.1);
  expect(Math.abs(seen.linf - (await figure(page, 'linf')))).toBeLessThanOrEqual(0.6);
  await expect(page.locator('#sentence')).toContainText(
    `“hi” scattered over it, ${await figure(page, 'used')} words in all`,
  );
});

test('revealed, the words are so many times as strong, and the answer stays that of the sum', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}`);
  await answered(page);
  const before = await label(page, 'sum');
  await page.getByRole('button', { name: 'Reveal the words' }).click();
  const factor = await page.locator('#sum .noise-factor').innerText();
  expect(factor).toMatch(/^words × \d/);
  const ratio = await exhibit(page).evaluate((exhibit) => {
    const { shown, picture } = /** @type {any} */ (exhibit);
    const [{ rgba }] = [...exhibit.querySelectorAll('#sum pixel-view')]
      .slice(-1)
      .map((view) => /** @type {any} */ (view).picture);
    let [strong, weak] = [0, 0];
    for (let at = 0; at < rgba.length; at += 1) {
      // What was clipped says nothing.
      if (rgba[at] === 0 || rgba[at] === 255) continue;
      strong += Math.abs(rgba[at] - picture.pixels.rgba[at]);
      weak += Math.abs(shown.sum.rgba[at] - picture.pixels.rgba[at]);
    }
    return strong / weak;
  });
  const said = Number.parseFloat(factor.replace('words × ', ''));
  expect(Math.abs(ratio / said - 1)).toBeLessThan(0.25);
  expect(await label(page, 'sum')).toBe(before);
});

test('words of any script stand in the address, and a link shows the same ones again', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}`);
  await answered(page);
  await page.locator('#typed').fill('  für  Ἀθήνα ');
  await page.keyboard.press('Enter');
  await expect(page.locator('#sentence')).toContainText('“für Ἀθήνα”');
  await answered(page);
  expect(new URL(page.url()).searchParams.get('words')).toBe('für Ἀθήνα');
  const first = await length(page);
  await page.locator('#scatter').click();
  await expect(page).toHaveURL(/scatter=1/);
  await answered(page);
  const second = await length(page);
  expect(second).not.toBe(first);

  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await answered(page);
  expect(await length(page)).toBe(second);
  await expect(page.locator('#typed')).toHaveValue('für Ἀθήνα');

  // Forty letters of a longer text.
  await page.goto(`${address}${SMALL}&words=${'abcdefghi '.repeat(9)}`);
  await answered(page);
  await expect(page.locator('#typed')).toHaveValue('abcdefghi '.repeat(4).trim());
});

test('where all the words are not enough it says so, and more are offered', async ({
  page,
  address,
}) => {
  await page.goto(
    `${address}?device=cpu&exhibit=message&network=lenet-mnist&words=i&wordcount=1&wordsize=8`,
  );
  await answered(page);
  await expect(exhibit(page)).toHaveAttribute('data-fooled', 'false');
  await expect(page.locator('#sentence')).toContainText('“i” scattered over it, 1 word in all');
  await expect(page.locator('#sentence')).toContainText('Allow more words, or make them larger.');
  expect(await label(page, 'sum')).toBe(await label(page, 'picture'));
  await page.getByRole('button', { name: 'Allow more words' }).click();
  await expect(page).toHaveURL(/wordcount=2/);
  await answered(page);
  await page.getByRole('button', { name: 'Larger letters' }).click();
  await expect(page).toHaveURL(/wordsize=12/);
  await page.goto(`${address}${SMALL}&words=%E2%80%8B`);
  await expect(page.locator('.notice')).toContainText('show nothing');
});

test('it can be stopped, goes on, and keeps what it had', async ({ page, address }) => {
  await page.goto(`${address}?device=cpu&exhibit=message`);
  await expect(page.locator('.progress-text')).toContainText('of at most 64 words', {
    timeout: 60_000,
  });
  await page.keyboard.press('Escape');
  await expect(page.locator('#sentence')).toContainText('Stopped');
  await page.getByRole('button', { name: 'Go on' }).click();
  await answered(page);
  const before = await figure(page, 'l2');
  await page.locator('#scatter').click();
  await page.getByRole('button', { name: 'Stop' }).click();
  await answered(page);
  expect(await figure(page, 'l2')).toBe(before);
});

for (const width of [320, 390, 844]) {
  test(`no sideways scroll at ${width} px`, async ({ page, address }) => {
    await page.setViewportSize({ width, height: 740 });
    await page.goto(`${address}${SMALL}`);
    await answered(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}

test('whoever comes back finds the same words hidden; other words are hidden anew', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}`);
  await answered(page);
  const before = await length(page);
  const sentence = await page.locator('#sentence').textContent();
  await countCalls(page, ['hideWords']);
  await leaveAndReturn(page);
  await answered(page);
  expect(await length(page)).toBe(before);
  await expect(page.locator('#sentence')).toHaveText(sentence ?? '');
  expect(await callCounts(page)).toEqual({ hideWords: 0 });
  await page.getByRole('link', { name: 'Live', exact: true }).click();
  await page.goto(`${address}${SMALL}&words=another+text`);
  await answered(page);
  await expect(page.locator('#sentence')).toContainText('another');
});

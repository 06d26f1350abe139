/** The first minute of a visitor: photos, the universal noise, the smallest noise. */
import { readFile } from 'node:fs/promises';
import { Live, rows, rowsOf, samples } from './live.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

/**
 * What the engine itself answers to a sample, asked beside the page.
 * @param {Page} page
 * @param {string} file
 * @param {boolean} [universal] with the shipped noise at full strength
 */
const ask = (page, file, universal = false) =>
  page.evaluate(async ([file, universal]) => {
    const engine = /** @type {any} */ (window).foolscope.engine;
    const picture = await engine.loadPicture(`samples/${file}`);
    const [info] = universal ? await engine.perturbations() : [null];
    const perturbation = info && (await engine.loadPerturbation(info.id));
    const { clean, perturbed, fooled, norms } = await engine.classify(picture, { perturbation });
    return { clean, perturbed, fooled, norms };
  }, /** @type {const} */ ([file, universal]));

test('a fresh visitor sees what is on two photos, with the numbers of the engine', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await live.choose('chelsea');
  await expect(live.clean.locator('.bar-name').first()).toHaveText(/cat|tabby/i);
  expect(await rows(live.clean)).toEqual(rowsOf((await ask(page, 'chelsea.png')).clean));
  await live.choose('coffee');
  await expect(live.clean.locator('.bar-name').first()).toHaveText(/espresso/i);
  expect(await rows(live.clean)).toEqual(rowsOf((await ask(page, 'coffee.png')).clean));
  await expect(live.sentence).toContainText(/espresso/i);
  await expect(live.device).toContainText('on the CPU');
});

test('one universal noise changes the answer on most photos', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  await live.universal.click();
  await live.shows('coffee', 'universal');
  const asked = await ask(page, 'coffee.png', true);
  expect(await rows(live.clean)).toEqual(rowsOf(asked.clean));
  expect(await rows(live.perturbed)).toEqual(rowsOf(asked.perturbed));
  expect(await live.fooled()).toBe(asked.fooled);
  expect(await live.figure('linf')).toBeCloseTo(asked.norms.linf, 0);
  expect(asked.norms.linf).toBeLessThan(10.01);

  let fooled = 0;
  for (const sample of samples) {
    await live.choose(sample, 'universal');
    if (await live.fooled()) fooled += 1;
    const says = (await live.fooled()) ? 'says' : 'still says';
    await expect(live.sentence).toContainText(says);
  }
  await expect(page.locator('#score')).toHaveText(`fooled ${fooled} of 8 pictures so far`);
  expect(fooled, 'photos fooled, of 8').toBeGreaterThanOrEqual(5);

  await page.locator('#strength').fill('0');
  await expect(live.exhibit).toHaveAttribute('data-fooled', 'false');
  await expect(live.sentence).toContainText('At strength 0 there is no noise');
  await live.universal.click();
  await live.shows('grace_hopper', 'none');
});

test('DeepFool finds a noise under 1 % of coffee, and the page says what the engine found', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await live.deepfool.click();
  await live.shows('coffee', 'deepfool');
  const found = await page.evaluate(async () => {
    const engine = /** @type {any} */ (window).foolscope.engine;
    const picture = await engine.loadPicture('samples/coffee.png');
    const { clean, adversarial, rho, norms, iterations, fooled } = await engine.deepfool(picture);
    return { clean, adversarial, rho, norms, iterations, fooled };
  });
  expect(found.fooled).toBe(true);
  expect(found.adversarial.top[0].label).not.toBe(found.clean.top[0].label);
  expect(found.rho).toBeLessThan(0.01);
  expect(await rows(live.clean)).toEqual(rowsOf(found.clean));
  expect(await rows(live.perturbed)).toEqual(rowsOf(found.adversarial));
  const twoDigits = (/** @type {number} */ value) => Number(value.toPrecision(2));
  expect(await live.figure('rho')).toBe(twoDigits(100 * found.rho));
  expect(await live.figure('l2')).toBe(twoDigits(found.norms.l2));
  expect(await live.figure('linf')).toBe(twoDigits(found.norms.linf));
  expect(await live.figure('iterations')).toBe(found.iterations);
  await expect(live.sentence).toContainText(found.adversarial.top[0].name);
});

test('DeepFool can be cancelled', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  await live.deepfool.click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await live.shows('coffee', 'none');
  await live.choose('chelsea');
});

test('the noise is saved exactly and read again, the sum as what was classified', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await live.universal.click();
  await live.shows('coffee', 'universal');
  const before = await rows(live.perturbed);
  /** @param {RegExp} item */
  const save = async (item) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(item).click();
    const file = await download;
    return { name: file.suggestedFilename(), buffer: await readFile(await file.path()) };
  };
  const sum = await save(/The picture with noise/);
  expect(sum.name).toMatch(/\.png$/);
  const noise = await save(/The noise, exact/);
  expect(noise.buffer.subarray(1, 6).toString()).toBe('NUMPY');
  expect(noise.buffer.length).toBeGreaterThan(4 * 3 * 224 * 224);

  await live.universal.click();
  await live.shows('coffee', 'none');
  await live.upload({ ...noise, mimeType: 'application/octet-stream' });
  await live.shows('coffee', 'universal');
  expect(await rows(live.perturbed)).toEqual(before);

  // The saved sum, seen as a new picture, has the answer that the page showed.
  const labels = await page.evaluate(async (png) => {
    const engine = /** @type {any} */ (window).foolscope.engine;
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    // Already the size that the classifier sees: it must reach it untouched.
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const picture = { rgba: data, side: bitmap.width, width: bitmap.width, height: bitmap.height };
    const { clean } = await engine.classify(picture);
    return clean.top.map((/** @type {{ label: number }} */ each) => each.label);
  }, sum.buffer.toString('base64'));
  expect(labels).toEqual(before.map(({ label }) => label));
});

test('the picture is saved as the classifier sees it, so that a sum can be checked elsewhere', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-cifar10&device=cpu&noise=deepfool`);
  await live.shows('drawn-airplane', 'deepfool');
  const save = page.getByRole('button', { name: 'Save' });
  await save.click();
  await expect(page.locator('.menu')).toContainText('16-bit');
  await page.keyboard.press('Escape');
  /** @param {RegExp} item */
  const saved = async (item) => {
    const download = page.waitForEvent('download');
    await save.click();
    await page.getByText(item).click();
    return readFile(await (await download).path());
  };
  const npy = await saved(/The same, exact/);
  const png = await saved(/The picture as the classifier sees it/);
  const header = npy.readUInt16LE(8);
  expect(npy.toString('latin1', 10, 10 + header)).toMatch(/\(3, 32, 32,? ?\)/);
  const exact = new Float32Array(npy.buffer.slice(npy.byteOffset + 10 + header));
  const decoded = await page.evaluate(async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(32, 32).getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    return [...(context?.getImageData(0, 0, 32, 32).data ?? [])];
  }, png.toString('base64'));
  const shown = await live.exhibit.evaluate((exhibit) => [
    .../** @type {any} */ (exhibit).scene.picture.pixels.rgba,
  ]);
  expect(decoded).toEqual(shown);
  const planes = Array.from(exact, (value) => Math.round(255 * value));
  for (const channel of [0, 1, 2]) {
    const plane = planes.slice(1024 * channel, 1024 * (channel + 1));
    expect(plane).toEqual(shown.filter((_, at) => at % 4 === channel));
  }
});

test('everything on the way to being fooled works by keyboard', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  /** @param {import('@playwright/test').Locator} target */
  const tabTo = async (target) => {
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error('Tab does not lead there');
  };
  await tabTo(page.locator('button[data-sample="chelsea"]'));
  await page.keyboard.press('Enter');
  await live.shows('chelsea', 'none');
  await page.locator('a.wordmark').focus();
  await tabTo(live.universal);
  await page.keyboard.press('Space');
  await live.shows('chelsea', 'universal');
  await page.locator('a.wordmark').focus();
  await tabTo(page.locator('#strength'));
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#noise output')).toHaveText('10.5');
});

test('on a phone nothing is wider than the screen', async ({ page, address }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const live = new Live(page);
  await live.open(address);
  await live.universal.click();
  await live.shows('coffee', 'universal');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
});

test('the weights are downloaded once', async ({ page, address }) => {
  const live = new Live(page);
  let downloads = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('.safetensors')) downloads += 1;
  });
  await live.open(address);
  await live.open(address);
  expect(downloads).toBe(1);
});

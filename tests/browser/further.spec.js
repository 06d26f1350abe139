/** Live, further: a target class, what survives saving, networks side by side. */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { Live, rows, rowsOf } from './live.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

/**
 * What the engine itself finds on the picture that is shown.
 * @param {Page} page
 * @param {number} [target]
 */
const deepfool = (page, target) =>
  page.evaluate(async (target) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { pixels } = /** @type {any} */ (document.querySelector('live-exhibit')).scene.picture;
    const { clean, adversarial, norms } = await engine.deepfool(pixels, { target });
    return { clean, adversarial, norms };
  }, target);

const twoDigits = (/** @type {number} */ value) => Number(value.toPrecision(2));

test('DeepFool leads to the class that was named, with no smaller a noise', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-cifar10&device=cpu&noise=deepfool`);
  await live.shows('drawn-airplane', 'deepfool');
  const nearest = await deepfool(page);
  expect(await live.figure('l2')).toBe(twoDigits(nearest.norms.l2));

  await page.locator('#target').fill('truck');
  await page.locator('#target').press('Enter');
  await expect(page).toHaveURL(/target=9/);
  await expect(live.sentence).toContainText('truck, the class that you chose');
  await live.shows('drawn-airplane', 'deepfool');
  await expect(page.locator('#target'), 'where the focus was').toBeFocused();
  const truck = await deepfool(page, 9);
  expect(truck.adversarial.top[0]).toMatchObject({ label: 9, name: 'truck' });
  expect(truck.norms.l2).toBeGreaterThanOrEqual(nearest.norms.l2);
  expect(await rows(live.perturbed)).toEqual(rowsOf(truck.adversarial));
  expect(await live.figure('l2')).toBe(twoDigits(truck.norms.l2));

  await page.locator('#target').fill('unicorn');
  await page.locator('#target').press('Enter');
  await expect(page.locator('#target-note')).toHaveText(/No class is called “unicorn”/);
  await expect(page).toHaveURL(/target=9/);

  await page.locator('#target').fill('');
  await expect(page).not.toHaveURL(/target/);
  await expect(live.sentence).toContainText(nearest.adversarial.top[0].name);
  expect(await rows(live.perturbed)).toEqual(rowsOf(nearest.adversarial));
});

test('a link keeps the target; another network has classes of its own', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?device=cpu&noise=deepfool&target=1`);
  await live.shows('coffee', 'deepfool');
  await expect(page.locator('#target')).toHaveValue('goldfish');
  await expect(live.perturbed.locator('.bar-name').first()).toHaveText('goldfish');
  await expect(page.locator('#sum .verdict')).toHaveText(/fooled/);
  await expect(live.sentence).toContainText('goldfish, the class that you chose');
  await page.locator('#network').selectOption('lenet-mnist');
  await expect(page).toHaveURL(/network=lenet-mnist/);
  await expect(page).not.toHaveURL(/target/);
  await expect(live.exhibit).toHaveAttribute('data-noise', 'deepfool', { timeout: 60_000 });
  await expect(page.locator('#target')).toHaveValue('');
});

test('a noise of one’s own leads to the class that was named', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=cpu`);
  await live.openWorkshop();
  await page.locator('#workshop-target').fill('3');
  await page.locator('#workshop-target').press('Enter');
  await page.locator('input[name="norm"][value="linf"]').check();
  await page.locator('#radius').fill('20');
  await page.locator('#make').click();
  await expect(page.locator('#figures')).toContainText('Became 3, of its own');
  await expect(live.exhibit).toHaveAttribute('data-making', 'no', { timeout: 90_000 });
  const noise = await live.noise();
  expect(noise.title).toMatch(/^Towards 3, from /);
  const counted = await live.exhibit.evaluate(async (exhibit) => {
    const { universal, samples } = /** @type {any} */ (exhibit);
    void samples;
    const { engine } = /** @type {any} */ (window).foolscope;
    const workshop = /** @type {any} */ (exhibit.querySelector('noise-workshop'));
    const views = await Promise.all(
      workshop.samples.map((/** @type {any} */ s) => s.views(engine)),
    );
    const own = views.filter((_, at) => at % 2 === 0).flat();
    const { labels, fooled } = await engine.fooling(own, universal);
    return {
      of: own.length,
      fooled,
      became: labels.filter((/** @type {number[]} */ [, label]) => label === 3).length,
    };
  });
  expect(noise.counts.own).toEqual(counted);
  await expect(page.locator('[data-figure="became-own"]')).toHaveText(
    `${counted.became} of ${counted.of}`,
  );
});

/**
 * What the engine says of the shown sum after a trip that the test makes itself.
 * @param {Page} page
 * @param {{ quality?: number, scale?: number }} trip
 */
const travelled = (page, trip) =>
  page.evaluate(async ({ quality, scale }) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { rgba, side } = /** @type {any} */ (document.querySelector('live-exhibit')).scene.sum;
    const drawn = (/** @type {CanvasImageSource} */ source, /** @type {number} */ size) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
      const context = /** @type {CanvasRenderingContext2D} */ (
        canvas.getContext('2d', { alpha: false })
      );
      context.imageSmoothingQuality = 'high';
      context.drawImage(source, 0, 0, size, size);
      return canvas;
    };
    const bitmap = await createImageBitmap(new ImageData(rgba.slice(), side, side));
    let canvas = drawn(bitmap, Math.round(side * (scale ?? 1)));
    canvas = drawn(canvas, side);
    const blob = await new Promise((resolve) =>
      canvas.toBlob(resolve, quality ? 'image/jpeg' : 'image/png', (quality ?? 100) / 100),
    );
    const { clean } = await engine.classify(await engine.loadPicture(blob));
    return clean.top[0];
  }, trip);

test('what survives: each way of saving is answered as the engine answers its file', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?device=cpu&noise=universal&more=survive&quality=60`);
  await live.shows('coffee', 'universal');
  const strip = page.locator('survival-strip');
  const answered = () =>
    expect(strip).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  await answered();
  const clean = (await rows(live.clean))[0].label;
  /** @param {string} trip @param {{ label: number, name: string, probability: number }} expected */
  const row = async (trip, expected) => {
    const item = page.locator(`[data-trip="${trip}"]`);
    await expect(item).toHaveAttribute('data-label', String(expected.label));
    await expect(item.locator('.trip-answer')).toContainText(expected.name);
    const whole = Math.round(100 * expected.probability);
    await expect(item.locator('.trip-answer')).toContainText(`${whole} %`);
    await expect(item.locator('.verdict')).toHaveText(
      expected.label === clean ? 'not fooled' : 'fooled',
    );
  };
  const png = await travelled(page, {});
  expect(png.label).toBe((await rows(live.perturbed))[0].label);
  await row('png', png);
  await row('jpeg', await travelled(page, { quality: 60 }));
  await row('half', await travelled(page, { scale: 0.5 }));
  await row('screen', await travelled(page, { scale: 1.25 }));
  await expect(page.locator('#survives')).toContainText('quality 60');

  await page.locator('#quality').fill('5');
  await expect(page).toHaveURL(/quality=5/);
  await answered();
  const coarse = await travelled(page, { quality: 5 });
  await row('jpeg', coarse);
  await page.locator('#open-survive').click();
  await expect(strip).toHaveCount(0);
  await expect(page).not.toHaveURL(/more/);
});

test('a noise that survives: its file, read as any picture, fools', async ({ page, address }) => {
  test.setTimeout(180_000);
  const live = new Live(page);
  await live.open(`${address}?device=cpu&noise=universal&more=survive`);
  await live.shows('coffee', 'universal');
  const clean = (await rows(live.clean))[0].label;
  const maker = page.locator('survivor-maker');
  await page.locator('#find').click();
  await expect(page.locator('#finding')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(maker).toHaveAttribute('data-state', 'idle');
  await live.shows('coffee', 'universal');

  await page.locator('#find').click();
  await expect(page.locator('#finding')).toContainText(/levels long after \d+ of 100 gradients/);
  await expect(maker).toHaveAttribute('data-state', 'found', { timeout: 120_000 });
  const label = Number(await page.locator('#survivor').getAttribute('data-label'));
  expect(label).not.toBe(clean);
  const download = page.waitForEvent('download');
  await page.locator('#download').click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('foolscope-coffee-survives.png');
  const buffer = await readFile(await file.path());
  await page.locator('#universal').click();
  await live.upload({ name: 'mine.png', mimeType: 'image/png', buffer });
  await expect(live.picture).toContainText('mine.png');
  // The title is there before the answer is.
  await expect.poll(async () => (await rows(live.clean))[0].label).toBe(label);
});

test('other networks answer the same sum as engines of their own would', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-cifar10&device=cpu&noise=universal&beside=nin-cifar10`);
  await live.shows('drawn-airplane', 'universal');
  await live.choose('drawn-frog', 'universal');
  const beside = page.locator('networks-beside');
  await expect(beside).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  const bars = page.locator('.companion[data-network="nin-cifar10"] class-bars');
  const asked = await page.evaluate(async (engineUrl) => {
    const { createEngine } = await import(engineUrl);
    const { engine } = /** @type {any} */ (window).foolscope;
    const { scene } = /** @type {any} */ (document.querySelector('live-exhibit'));
    const other = await createEngine({ network: 'nin-cifar10', device: 'cpu', workers: 1 });
    const [info] = await engine.perturbations();
    const perturbation = (await engine.loadPerturbation(info.id)).data;
    const { clean, perturbed, fooled } = await other.classify(scene.picture.pixels, {
      perturbation,
    });
    other.dispose();
    return { clean, perturbed, fooled };
  }, `${address}engine.js`);
  await expect.poll(() => rows(bars.nth(0))).toEqual(rowsOf(asked.clean));
  await expect.poll(() => rows(bars.nth(1))).toEqual(rowsOf(asked.perturbed));
  const verdict = page.locator('.companion .verdict');
  await expect(verdict).toHaveText(asked.fooled ? 'fooled' : 'not fooled');
  await expect(page.locator('#beside-says')).toContainText(asked.perturbed.top[0].name);

  // Another size does not fit, and the reason stands there.
  const mnist = page.locator('.beside-choice input[value="lenet-mnist"]');
  await expect(mnist).toBeDisabled();
  await expect(page.locator('.beside-choice')).toContainText('sees 28 × 28 pixels in grey');

  const running = page.workers().length;
  await page.locator('.beside-choice input[value="nin-cifar10"]').uncheck();
  await expect(page.locator('.companion')).toHaveCount(0);
  await expect(page).not.toHaveURL(/nin-cifar10/);
  await expect.poll(() => page.workers().length, 'its worker has gone').toBe(running - 1);
});

for (const theme of ['light', 'dark']) {
  test(`what is opened breaks no rule of WCAG 2.2 AA, ${theme}`, async ({ page, address }) => {
    const live = new Live(page);
    await live.open(
      `${address}?network=lenet-mnist&device=cpu&theme=${theme}&noise=universal&more=survive&beside=fc-mnist`,
    );
    await expect(page.locator('survival-strip')).toHaveAttribute('data-state', 'answered');
    await expect(page.locator('networks-beside')).toHaveAttribute('data-state', 'answered');
    await page.locator('#find').click();
    await expect(page.locator('survivor-maker')).toHaveAttribute('data-state', 'found', {
      timeout: 60_000,
    });
    const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await new AxeBuilder({ page }).withTags(levels).analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' ')}`),
    ).toEqual([]);
  });
}

test('the noises of one network side by side, with what they have in common', async ({
  page,
  address,
}) => {
  await page.goto(`${address}?network=nin-cifar10&device=cpu&more=noises`);
  const gallery = page.locator('noises-beside noise-gallery');
  await expect(gallery.locator('table')).toBeVisible({ timeout: 60_000 });
  const own = await page.evaluate(async () => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const infos = await engine.perturbations();
    const noises = await Promise.all(
      infos.map((/** @type {{ id: string }} */ { id }) => engine.loadPerturbation(id)),
    );
    const [a, b] = noises.map((/** @type {{ data: Float32Array }} */ { data }) => [...data]);
    const product = (/** @type {number[]} */ x, /** @type {number[]} */ y) =>
      x.reduce((sum, value, at) => sum + value * y[at], 0);
    return {
      count: noises.length,
      first: Math.abs(product(a, b)) / Math.sqrt(product(a, a) * product(b, b)),
    };
  });
  expect(own.count).toBeGreaterThan(1);
  await expect(gallery.locator('noise-view')).toHaveCount(own.count);
  const cells = (await gallery.locator('tbody td').allInnerTexts()).map(Number);
  expect(cells.some((cell) => Math.abs(Math.abs(cell) - own.first) < 0.006)).toBe(true);
});

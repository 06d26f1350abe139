/** Geometry: the plane and the normals are the engine's own, and what was computed is kept. */
import { readFile } from 'node:fs/promises';
import { callCounts, countCalls, leaveAndReturn } from './exhibits.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const SMALL = '?device=cpu&network=lenet-cifar10&exhibit=geometry&sample=chelsea';

/** @param {Page} page */
const answered = (page) =>
  expect(page.locator('geometry-exhibit')).toHaveAttribute('data-state', 'answered', {
    timeout: 60_000,
  });

/** What stands in the legend: the share of each label. @param {Page} page */
const shares = (page) =>
  page.locator('.plane-legend li').evaluateAll((keys) =>
    keys.map((key) => {
      const { label, share } = /** @type {HTMLElement} */ (key).dataset;
      return { label: Number(label), share: Number(share) };
    }),
  );

test('regions, their shares and names are what the classifier says in that plane', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&across=lenet-cifar10-linf10&reach=700&points=41`);
  await answered(page);
  const own = await page.evaluate(async () => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const picture = await engine.loadPicture('samples/chelsea.png');
    const { perturbation: r, clean } = await engine.deepfool(picture);
    const { data: v } = await engine.loadPerturbation('lenet-cifar10-linf10');
    const section = await engine.section(picture, {
      perturbation: r,
      second: v,
      reach: 700,
      points: 41,
    });
    // The plane, anew: u along r, w what v has beside it.
    const dot = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) =>
      a.reduce((sum, value, index) => sum + value * b[index], 0);
    const unit = (/** @type {Float32Array} */ a) => a.map((value) => value / Math.sqrt(dot(a, a)));
    const u = unit(r);
    const along = dot(u, v);
    const w = unit(
      v.map((/** @type {number} */ value, /** @type {number} */ i) => value - along * u[i]),
    );
    /** @type {{ seen: number, said: number }[]} */
    const points = [];
    for (const [column, row] of [
      [8, 20],
      [32, 20],
      [20, 36],
    ]) {
      const [a, b] = [column, row].map((index) => ((index - 20) / 20) * (700 / 255));
      const { perturbed } = await engine.classify(picture, {
        perturbation: u.map(
          (/** @type {number} */ value, /** @type {number} */ i) => a * value + b * w[i],
        ),
      });
      points.push({ seen: section.labels[row * 41 + column], said: perturbed.top[0].label });
    }
    return {
      points,
      middle: section.labels[20 * 41 + 20],
      clean: clean.top[0],
      regions: section.regions,
      classified: section.classified,
    };
  });
  for (const { seen, said } of own.points) expect(seen).toBe(said);
  expect(new Set(own.points.map(({ seen }) => seen)).size).toBeGreaterThan(1);
  expect(own.middle).toBe(own.clean.label);
  expect(own.classified).toBe(41 * 41);
  const drawn = await shares(page);
  for (const { label, share } of own.regions.slice(0, 8))
    expect(drawn).toContainEqual({ label, share });
  const sum = drawn.reduce((sum, { share }) => sum + share, 0);
  expect(sum).toBeCloseTo(1, 6);
  await expect(page.locator('#sentence')).toContainText(own.clean.name);
  await expect(page.locator('#sentence')).toContainText(`${own.regions.length} classes share`);
});

test('a point is marked with the keys, and what is seen there is told', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&points=41`);
  await answered(page);
  const square = page.locator('.plane-square');
  const tip = page.locator('.plane-tip');
  const clean = (await page.locator('.plane-term b').first().textContent()) ?? '';
  const adversarial = await page
    .locator('.plane-legend li')
    .nth(1)
    .locator('span')
    .first()
    .textContent();
  const caption = page.locator('.plane-term').last().locator('p');
  await expect(caption).toContainText(adversarial ?? '?');
  await square.press('Home');
  await expect(tip).toHaveText(clean);
  await expect(caption).toContainText(clean);
  await expect(square).toHaveAttribute('aria-valuenow', '0');
  for (let step = 0; step < 6; step += 1) await square.press('Shift+ArrowRight');
  await expect(tip).toHaveText(adversarial ?? '?');
  await expect(caption).toContainText(adversarial ?? '?');
  const [right, own] = await page.evaluate(async () => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { place, found, picture } = /** @type {any} */ (
      document.querySelector('geometry-exhibit')
    );
    const point = await engine.planePoint(picture.pixels, {
      perturbation: found.perturbation,
      ...place,
    });
    return [place.right, point.norms.l2];
  });
  // Along u alone, as long as it is far.
  expect(own).toBeCloseTo(right, 2);
});

test('a link has the second direction, the reach and the points; each can be changed', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&across=random-3&reach=500&points=41`);
  await answered(page);
  const map = page.locator('plane-map');
  const reach = () => map.evaluate((map) => /** @type {any} */ (map).section.reach);
  expect(await reach()).toBeCloseTo(500, 6);
  await expect(page.locator('#sentence')).toContainText('a random direction (3)');
  const before = await shares(page);
  await page.locator('#another').click();
  await expect(page).toHaveURL(/across=random-4/);
  await answered(page);
  await expect(page.locator('#sentence')).toContainText('a random direction (4)');
  await page.locator('#across').selectOption('lenet-cifar10-linf10');
  await expect(page).toHaveURL(/across=lenet-cifar10-linf10/);
  await answered(page);
  expect(await shares(page)).not.toEqual(before);
  // The smallest noise to a third class: straight up from it, that class is reached.
  const third = page.locator('#across option[value^="class-"]').first();
  const label = Number((await third.getAttribute('value'))?.replace('class-', ''));
  await page.locator('#across').selectOption({ index: 1 });
  await expect(page).toHaveURL(new RegExp(`across=class-${label}`));
  await expect.poll(() => map.evaluate((map) => /** @type {any} */ (map).kind)).toBe('class');
  await answered(page);
  const isThere = await page.evaluate(async (label) => {
    const { section } = /** @type {any} */ (document.querySelector('plane-map'));
    const [right, up] = section.second;
    const { points: n, reach } = section;
    const at = (/** @type {number} */ value) =>
      Math.round(((value * 1.1) / reach / 2 + 0.5) * (n - 1));
    return section.labels[at(up) * n + at(right)] === label;
  }, label);
  expect(isThere).toBe(true);
  await page.locator('#reach').fill('1000');
  // 20 levels a value, in 3,072 values.
  await expect.poll(reach).toBeCloseTo(1110, 6);
  await answered(page);
  const download = page.waitForEvent('download');
  await page.locator('#save').click();
  const file = await readFile(await (await download).path());
  expect(file.subarray(1, 4).toString()).toBe('PNG');
  expect(file.length).toBeGreaterThan(20_000);
});

test('it grows coarse to fine, can be stopped, and keeps what it had', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&points=321`);
  const map = page.locator('plane-map');
  const classified = () => map.evaluate((map) => /** @type {any} */ (map).section?.classified ?? 0);
  await expect.poll(classified, { timeout: 60_000 }).toBeGreaterThan(100);
  const first = await classified();
  await expect.poll(classified).toBeGreaterThan(first);
  await page.keyboard.press('Escape');
  await expect(page.locator('#go-on')).toBeVisible();
  const kept = await classified();
  expect(kept).toBeLessThan(321 * 321);
  await expect(page.locator('#sentence')).toContainText(
    `stopped after ${kept.toLocaleString('en')} of 103,041 points`,
  );
  // It stays so, and another question is answered.
  await page.locator('.plane-square').press('Home');
  await expect(page.locator('.plane-term b').last()).toHaveAttribute('data-tone', 'clean');
  expect(await classified()).toBe(kept);
  // Also for whoever comes back.
  await countCalls(page, ['deepfool', 'section']);
  await leaveAndReturn(page);
  await answered(page);
  expect(await classified()).toBe(kept);
  await expect(page.locator('#go-on')).toBeVisible();
  await expect(page.locator('.plane-term b').last()).toHaveAttribute('data-tone', 'clean');
  expect(await callCounts(page)).toEqual({ deepfool: 0, section: 0 });
});

test('who leaves while it grows finds what it had; normals that are computed, too', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&points=321`);
  const map = page.locator('plane-map');
  const section = () =>
    map.evaluate((map) => {
      const { classified = 0, stopped = false } = /** @type {any} */ (map).section ?? {};
      return { classified, stopped };
    });
  await expect
    .poll(async () => (await section()).classified, { timeout: 60_000 })
    .toBeGreaterThan(100);
  await countCalls(page, ['deepfool', 'section', 'normals']);
  await leaveAndReturn(page);
  await answered(page);
  const { classified, stopped } = await section();
  expect(classified).toBeGreaterThan(100);
  expect(stopped).toBe(true);
  await expect(page.locator('#go-on')).toBeVisible();
  expect((await callCounts(page)).section).toBe(0);

  const normals = page.locator('boundary-normals');
  await page.locator('#compute-normals').click();
  await expect
    .poll(() => normals.evaluate((part) => /** @type {any} */ (part).steps?.pictures ?? 0))
    .toBeGreaterThan(2);
  await leaveAndReturn(page);
  await expect(normals).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  const found = await normals.evaluate((part) => /** @type {any} */ (part).found);
  expect(found.stopped).toBe(true);
  expect(found.count).toBeGreaterThan(0);
  await expect(page.locator('#normals-sentence')).toContainText(`at ${found.count} pictures`);
  expect(await callCounts(page)).toEqual({ deepfool: 0, section: 0, normals: 1 });
  // What is of one network says nothing of another.
  await page.locator('#network').selectOption('nin-cifar10');
  await expect(page).toHaveURL(/nin-cifar10/);
  await expect(normals).toHaveAttribute('data-state', 'waiting');
  await page.locator('#network').selectOption('lenet-cifar10');
  await expect(normals).toHaveAttribute('data-state', 'answered');
  expect((await callCounts(page)).normals).toBe(1);
});

test('normals: the squares of the singular values sum to their number; stopped, with those there are', async ({
  page,
  address,
}) => {
  await page.goto(`${address}?device=cpu&network=lenet-mnist&exhibit=geometry`);
  await answered(page);
  const part = page.locator('boundary-normals');
  const shipped = JSON.parse(
    await readFile(new URL('../../www/results/normals.json', import.meta.url), 'utf8'),
  ).entries.find(
    (/** @type {any} */ { network, values }) => network === 'lenet-mnist' && values?.normals,
  );
  await part.scrollIntoViewIfNeeded();
  await part.locator('#singular-values summary').click();
  const cells = part.locator('#singular-values tbody tr').first().locator('td');
  await expect(cells.nth(1)).toHaveText(String(Number(shipped.values.normals[0].toPrecision(4))));
  await page.locator('#compute-normals').click();
  await expect(part).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  const found = await part.evaluate((part) => /** @type {any} */ (part).found);
  const squares = found.singularValues.reduce(
    (/** @type {number} */ sum, /** @type {number} */ value) => sum + value * value,
    0,
  );
  expect(found.count).toBeGreaterThan(20);
  expect(squares / found.count).toBeCloseTo(1, 5);
  expect(found.singularValues[0]).toBeGreaterThan(found.randomSingularValues[0]);
  expect(found.shares).toHaveLength(found.count);
  // The share in a random span: √(n/d).
  expect(found.randomShares.at(-1) / Math.sqrt(found.count / 784)).toBeGreaterThan(0.7);
  await expect(page.locator('#normals-sentence')).toContainText(`at ${found.count} pictures`);

  const part2 = await page.evaluate(async () => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { picture } = /** @type {any} */ (document.querySelector('geometry-exhibit'));
    const enough = new AbortController();
    const pictures = Array.from({ length: 6 }, () => picture.pixels);
    return engine.normals(pictures, {
      finish: enough.signal,
      onProgress: (/** @type {{ pictures: number }} */ { pictures }) =>
        pictures === 2 && enough.abort(),
    });
  });
  expect(part2.stopped).toBe(true);
  expect(part2.count).toBeLessThan(6);
  // The same picture has the same normal: one direction, √n times.
  expect(part2.singularValues[0]).toBeCloseTo(Math.sqrt(part2.count), 4);
});

for (const width of [320, 390, 844]) {
  test(`no sideways scroll at ${width} px`, async ({ page, address }) => {
    await page.setViewportSize({ width, height: 740 });
    await page.goto(`${address}${SMALL}&points=41`);
    await answered(page);
    await page.locator('boundary-normals').scrollIntoViewIfNeeded();
    await expect(page.locator('#shares svg').last()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}

test('a plane that cannot be had, or reaches too far, becomes one that can', async ({
  page,
  address,
}) => {
  const small = '?exhibit=geometry&network=lenet-mnist&device=cpu&points=21';
  const exhibit = page.locator('geometry-exhibit');
  await page.goto(`${address}${small}&across=class-99999`);
  await expect(exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  await expect(page.locator('#notice')).toContainText('a random one is shown');
  await expect(page.locator('#across')).toHaveValue('');
  expect(new URL(page.url()).searchParams.get('across')).toBeNull();

  await page.goto(`${address}${small}&reach=1e9`);
  await expect(exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  const wide = await page
    .locator('#sentence .answer, #sentence b, #sentence strong')
    .allInnerTexts();
  await page.goto(`${address}${small}`);
  await expect(exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  // Where the smallest noise leads does not depend on how far one looks.
  expect(
    await page.locator('#sentence .answer, #sentence b, #sentence strong').allInnerTexts(),
  ).toEqual(wide);
  expect(wide.length).toBe(2);
});

/** Small changes: by hand as by the search, and both as the pixels say. */
import { AxeBuilder } from '@axe-core/playwright';
import { callCounts, countCalls, leaveAndReturn } from './exhibits.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const SMALL = '?device=cpu&exhibit=changes&network=lenet-cifar10&sample=drawn-ship';

/** @param {Page} page */
const exhibit = (page) => page.locator('changes-exhibit');

/** @param {Page} page */
const answered = (page) =>
  expect(exhibit(page)).toHaveAttribute('data-state', 'answered', { timeout: 90_000 });

/** The first answer to the changed picture, as it is shown. @param {Page} page */
const shown = (page) =>
  page
    .locator('#sum .bar')
    .first()
    .evaluate((bar) => ({
      label: Number(bar.getAttribute('data-label')),
      probability: Number(bar.getAttribute('data-probability')),
    }));

/**
 * What the classifier says to the picture at hand with some pixels changed here,
 * one by one, without the core.
 * @param {Page} page
 * @param {{ patch?: [x: number, y: number, side: number], level?: number, shift?: [right: number, down: number] }} change
 */
const independent = (page, { patch, level = 128, shift = [0, 0] }) =>
  exhibit(page).evaluate(async (exhibit, [patch, level, shift]) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { pixels } = /** @type {any} */ (exhibit).picture;
    const { side } = pixels;
    const rgba = pixels.rgba.slice();
    const inFrame = (/** @type {number} */ at) => Math.min(side - 1, Math.max(0, at));
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1) {
        const from = inFrame(y - shift[1]) * side + inFrame(x - shift[0]);
        const [left, top, size] = patch ?? [0, 0, 0];
        const covered = x >= left && x < left + size && y >= top && y < top + size;
        for (let channel = 0; channel < 3; channel += 1)
          rgba[4 * (y * side + x) + channel] = covered ? level : pixels.rgba[4 * from + channel];
      }
    }
    const { clean } = await engine.classify({ ...pixels, rgba });
    const drawn = [...exhibit.querySelectorAll('#sum pixel-view')]
      .slice(-1)
      .map((view) => /** @type {any} */ (view).picture.rgba)[0];
    return {
      ...clean.top[0],
      same: rgba.every(
        (/** @type {number} */ value, /** @type {number} */ at) => value === drawn[at],
      ),
    };
  }, /** @type {const} */ ([patch, level, shift]));

test('the smallest patch is the engine’s, and by hand it is answered as by the search', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL.replace('ship', 'bird')}`);
  await answered(page);
  await page.locator('#find').click();
  await expect(exhibit(page)).toHaveAttribute('data-how', 'smallest', { timeout: 60_000 });
  await answered(page);
  const { patch, found, byHand } = await exhibit(page).evaluate(async (exhibit) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { pixels } = /** @type {any} */ (exhibit).picture;
    const colour = [128 / 255, 128 / 255, 128 / 255];
    const { patch, found } = await engine.smallestPatch(pixels, { colour, stride: 2 });
    const byHand = await engine.applyPatch(pixels, { ...patch, colour });
    return { patch, found: found.adversarial.top, byHand: byHand.answer.top };
  });
  const { x, y, side } = patch;
  expect(new URL(page.url()).searchParams.get('patch') ?? `${x},${y},${side}`).toBe(
    `${x},${y},${side}`,
  );
  expect(byHand[0].label).toBe(found[0].label);
  expect(byHand[0].probability).toBeCloseTo(found[0].probability, 5);
  expect((await shown(page)).label).toBe(found[0].label);
  expect((await shown(page)).probability).toBeCloseTo(found[0].probability, 5);
  await expect(exhibit(page)).toHaveAttribute('data-fooled', 'true');
  await expect(page.locator('#sentence')).toContainText(`${side} × ${side} pixels`);
  const pixels = await independent(page, { patch: [x, y, side] });
  expect(pixels.label).toBe(found[0].label);
  expect(pixels.same).toBe(true);
});

test('dragged to a corner, and moved with the arrow keys, it is answered as its pixels say', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&patch=8,8,12`);
  await answered(page);
  const before = await shown(page);
  const patch = page.locator('.patch');
  const from = await patch.boundingBox();
  const stage = await page.locator('.stage').boundingBox();
  if (!from || !stage) throw new Error('there is nothing to drag');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(stage.x + stage.width / 2, stage.y + stage.height / 2, { steps: 5 });
  await page.mouse.move(stage.x + stage.width + 40, stage.y + stage.height + 40, { steps: 5 });
  await page.mouse.up();
  await answered(page);
  await expect(page).toHaveURL(/patch=20,20,12/);
  const corner = await independent(page, { patch: [20, 20, 12] });
  expect(corner.same).toBe(true);
  expect((await shown(page)).label).toBe(corner.label);
  expect((await shown(page)).probability).toBeCloseTo(corner.probability, 5);
  expect((await shown(page)).probability).not.toBe(before.probability);

  await patch.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Shift+ArrowUp');
  await page.getByRole('button', { name: 'White' }).click();
  await expect(page).toHaveURL(/patch=19,10,12&colour=ffffff/);
  await answered(page);
  await expect(patch).toHaveAttribute('aria-valuetext', '19 pixels from the left, 10 from the top');
  const moved = await independent(page, { patch: [19, 10, 12], level: 255 });
  expect(moved.same).toBe(true);
  expect((await shown(page)).probability).toBeCloseTo(moved.probability, 5);

  // A link shows it again.
  await page.reload();
  await answered(page);
  expect((await shown(page)).probability).toBeCloseTo(moved.probability, 5);

  // A finger drags it too: half of the picture to the left.
  const touch = await page.context().newCDPSession(page);
  const held = await patch.boundingBox();
  const room = await page.locator('.stage').boundingBox();
  if (!held || !room) throw new Error('there is nothing to drag');
  const finger = (/** @type {number} */ right) => [
    { x: held.x + held.width / 2 + right * room.width, y: held.y + held.height / 2 },
  ];
  const types = /** @type {const} */ (['touchStart', 'touchMove', 'touchMove']);
  for (const [at, type] of types.entries())
    await touch.send('Input.dispatchTouchEvent', { type, touchPoints: finger(-at / 4) });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await expect(page).toHaveURL(/patch=3,10,12/);
  await answered(page);
  const left = await independent(page, { patch: [3, 10, 12], level: 255 });
  expect(left.same).toBe(true);
  expect((await shown(page)).label).toBe(left.label);

  await page.locator('#side').fill('20');
  await expect(page).toHaveURL(/patch=0,6,20/);
  await answered(page);
  expect((await independent(page, { patch: [0, 6, 20], level: 255 })).same).toBe(true);
});

test('the smallest move is the engine’s, and by hand it is answered as by the search', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL}&change=move`);
  await answered(page);
  await expect(page.locator('#sentence')).toContainText('As it is');
  await page.locator('#find').click();
  await expect(exhibit(page)).toHaveAttribute('data-how', 'smallest', { timeout: 60_000 });
  await answered(page);
  const { moved, distance, found, byHand } = await exhibit(page).evaluate(async (exhibit) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { pixels } = /** @type {any} */ (exhibit).picture;
    const { moved, distance, found } = await engine.smallestMove(pixels);
    const byHand = await engine.applyMove(pixels, moved);
    return { moved, distance, found: found.adversarial.top, byHand };
  });
  const { answer } = byHand;
  expect(answer.top[0].label).toBe(found[0].label);
  expect(answer.top[0].probability).toBeCloseTo(found[0].probability, 5);
  expect(byHand.distance).toBeCloseTo(distance, 9);
  expect((await shown(page)).label).toBe(found[0].label);
  expect((await shown(page)).probability).toBeCloseTo(found[0].probability, 5);
  await expect(exhibit(page)).toHaveAttribute('data-fooled', 'true');
  await expect(page).toHaveURL(/move=/);
  const written = String(new URL(page.url()).searchParams.get('move')).split(',').map(Number);
  [moved.right, moved.down, moved.degrees, moved.scale].forEach((value, at) =>
    expect(written[at]).toBeCloseTo(value, 5),
  );
  await page.reload();
  await answered(page);
  expect((await shown(page)).label).toBe(found[0].label);
});

test('shifted by whole pixels, the edge’s pixels are repeated', async ({ page, address }) => {
  await page.goto(`${address}${SMALL}&change=move`);
  await answered(page);
  await page.locator('#right').fill('5');
  await page.locator('#down').fill('-3');
  await expect(page).toHaveURL(/move=5,-3,0,1/);
  await answered(page);
  const pixels = await independent(page, { shift: [5, -3] });
  expect(pixels.same).toBe(true);
  expect((await shown(page)).label).toBe(pixels.label);
  expect((await shown(page)).probability).toBeCloseTo(pixels.probability, 5);
  await expect(page.locator('#sentence')).toContainText('5 pixels to the right and 3 pixels up');
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    expect((await new AxeBuilder({ page }).include('main').analyze()).violations).toEqual([]);
  }
  await page.locator('#reset').click();
  await expect(page.locator('#sentence')).toContainText('As it is');
  await expect(page).not.toHaveURL(/move=5/);
});

test('a search that is stopped keeps the smallest patch that it knows', async ({
  page,
  address,
}) => {
  await page.goto(`${address}?device=cpu&exhibit=changes&sample=rocket`);
  await answered(page);
  await page.locator('#find').click();
  await expect(page.locator('.progress-text')).toContainText('changes the answer', {
    timeout: 60_000,
  });
  await page.keyboard.press('Escape');
  await expect(exhibit(page)).toHaveAttribute('data-how', 'stopped');
  await answered(page);
  await expect(exhibit(page)).toHaveAttribute('data-fooled', 'true');
  await expect(page.locator('#sentence')).toContainText('The search was stopped');
  await expect(page).toHaveURL(/patch=\d+,\d+,\d+/);
  const [x, y, side] = String(new URL(page.url()).searchParams.get('patch')).split(',').map(Number);
  const pixels = await independent(page, { patch: [x, y, side] });
  expect((await shown(page)).label).toBe(pixels.label);
});

for (const width of [320, 390, 844]) {
  for (const change of ['patch', 'move']) {
    test(`no sideways scroll at ${width} px: ${change}`, async ({ page, address }) => {
      await page.setViewportSize({ width, height: 740 });
      await page.goto(`${address}${SMALL}&change=${change}`);
      await answered(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    });
  }
}

test('whoever leaves at once finds the smallest patch when they come back', async ({
  page,
  address,
}) => {
  await page.goto(`${address}${SMALL.replace('ship', 'bird')}`);
  await answered(page);
  await page.locator('#find').click();
  await expect(exhibit(page)).toHaveAttribute('data-how', 'smallest', { timeout: 60_000 });
  await answered(page);
  const before = await shown(page);
  const sentence = await page.locator('#sentence').textContent();
  await countCalls(page, ['smallestPatch', 'applyPatch']);
  await leaveAndReturn(page);
  await answered(page);
  await expect(exhibit(page)).toHaveAttribute('data-how', 'smallest');
  expect(await shown(page)).toEqual(before);
  await expect(page.locator('#sentence')).toHaveText(sentence ?? '');
  expect(await callCounts(page)).toEqual({ smallestPatch: 0, applyPatch: 0 });
  await expect(page).toHaveURL(/patch=\d+,\d+,\d+/);
});

/** A digit drawn by hand is read, and becomes the picture of every exhibit. */
import { AxeBuilder } from '@axe-core/playwright';
import { Live } from './live.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const MNIST = '?device=cpu&network=lenet-mnist';

/**
 * With the mouse, in shares of the drawing area.
 * @param {Page} page
 * @param {[number, number][]} points
 */
async function stroke(page, points) {
  const { x, y, width, height } = /** @type {NonNullable<Awaited<ReturnType<typeof box>>>} */ (
    await box(page)
  );
  const [first, ...more] = points.map(([right, down]) => [x + right * width, y + down * height]);
  await page.mouse.move(first[0], first[1]);
  await page.mouse.down();
  for (const [toX, toY] of more) await page.mouse.move(toX, toY, { steps: 4 });
  await page.mouse.up();
}

/** @param {Page} page */
const box = (page) => page.locator('.pad').boundingBox();

/** @type {[number, number][]} */
const ONE = [
  [0.32, 0.2],
  [0.3, 0.5],
  [0.28, 0.62],
];

/** Small, and in a corner. @type {[number, number][]} */
const ZERO = Array.from({ length: 17 }, (_, at) => {
  const angle = (at / 16) * 2 * Math.PI - Math.PI / 2;
  return [0.7 + 0.16 * Math.cos(angle), 0.68 + 0.22 * Math.sin(angle)];
});

test('a one and a zero are read while they are drawn, and taken as the picture', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${MNIST}`);
  await page.getByRole('button', { name: 'Draw a digit' }).click();
  const dialog = page.locator('dialog.drawing');
  const first = dialog.locator('.bar .bar-name').first();
  await expect(dialog.locator('#use-digit')).toBeDisabled();

  await stroke(page, ONE);
  await expect(first).toHaveText('1');
  await expect(dialog.locator('.drawing-text')).toContainText('that this is 1.');
  await dialog.getByRole('button', { name: 'Clear' }).click();
  await expect(dialog.locator('#use-digit')).toBeDisabled();

  await stroke(page, ZERO);
  await expect(first).toHaveText('0');
  await stroke(page, [
    [0.1, 0.1],
    [0.9, 0.12],
  ]);
  await page.keyboard.press('Control+z');
  await expect(first).toHaveText('0');

  // As the network sees it: 20 pixels high, and its centre of mass in the middle.
  const seen = await dialog.locator('.seen-square pixel-view').evaluate((view) => {
    const { rgba, side } = /** @type {any} */ (view).picture;
    let [mass, x, y, top, bottom] = [0, 0, 0, side, 0];
    for (let at = 0; at < side * side; at += 1) {
      const light = rgba[4 * at];
      const row = Math.floor(at / side);
      mass += light;
      x += light * ((at % side) + 0.5);
      y += light * (row + 0.5);
      if (light > 32) [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    }
    return { side, x: x / mass, y: y / mass, height: bottom - top + 1 };
  });
  expect(seen.side).toBe(28);
  expect(Math.abs(seen.x - 14)).toBeLessThan(0.1);
  expect(Math.abs(seen.y - 14)).toBeLessThan(0.1);
  expect([20, 21]).toContain(seen.height);

  await dialog.locator('#use-digit').click();
  await expect(live.picture).toContainText('Your digit');
  await expect(live.clean.locator('.bar-name').first()).toHaveText('0');
  await page.getByRole('link', { name: 'Three noises' }).click();
  await expect(page.locator('.noises-picture canvas')).toHaveAccessibleName('Your digit');
  await expect(page.locator('.noises-picture .bar-name').first()).toHaveText('0');
});

test('a finger draws too, with the keyboard it is opened and closed, and others have no digits', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${MNIST}`);
  const draw = page.locator('#draw');
  await draw.focus();
  await page.keyboard.press('Enter');
  const dialog = page.locator('dialog.drawing');
  await expect(dialog).toBeVisible();
  const touch = await page.context().newCDPSession(page);
  const area = await box(page);
  if (!area) throw new Error('there is nowhere to draw');
  const at = (/** @type {[number, number]} */ [right, down]) => [
    { x: area.x + right * area.width, y: area.y + down * area.height },
  ];
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(ONE[0]) });
  for (const point of ONE.slice(1))
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(point) });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await expect(dialog.locator('.bar .bar-name').first()).toHaveText('1');
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    expect((await new AxeBuilder({ page }).include('dialog.drawing').analyze()).violations).toEqual(
      [],
    );
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(draw).toBeFocused();

  await page.locator('#network').selectOption('lenet-cifar10');
  await expect(page.locator('#draw')).toHaveCount(0);
});

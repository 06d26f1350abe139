/** From DeepFool's noise to a smaller one, while the visitor watches. */
import { Live } from './live.js';
import { expect, test } from './visit.js';

/** What the exhibit shows: its noise, by itself and as the engine measures it. @param {Live} live */
const shown = (live) =>
  live.exhibit.evaluate(async (exhibit) => {
    const { scene, engine } = /** @type {any} */ (exhibit);
    const { picture, found, first, norms } = scene;
    const { perturbation, adversarial, clean } = found;
    // What the noise is stretched to fools in whole levels as well, which the engine answers to.
    const strength = 4;
    const whole = await engine.classify(picture.pixels, { perturbation, strength });
    return {
      l2: norms.l2,
      first: first.l2,
      fooled: adversarial.top[0].label !== clean.top[0].label && whole.fooled,
      measured: whole.norms.l2 / strength,
    };
  });

test('a smaller noise than DeepFool’s is found, and fools', async ({ page, address }) => {
  test.setTimeout(180_000);
  const live = new Live(page);
  await live.open(`${address}?network=lenet-cifar10&device=cpu`);
  await live.deepfool.click();
  await expect(live.exhibit).toHaveAttribute('data-noise', 'deepfool');
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  const before = await live.figure('l2');
  await page.locator('#smaller').click();
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  await expect(live.sentence).toContainText(
    /DeepFool: [\d.]+ levels in .*; the smallest found so far: /,
  );
  const { l2, first, fooled, measured } = await shown(live);
  // The page shows two digits.
  expect(Math.abs(first / before - 1)).toBeLessThan(0.06);
  expect(l2).toBeLessThan(0.95 * first);
  expect(measured).toBeCloseTo(l2, 1);
  expect(fooled).toBe(true);
  // The next search goes on for longer.
  await page.locator('#smaller').waitFor();
  await expect(page.locator('#smaller')).toHaveText(/Look on/);
  await expect(page.locator('[data-figure=gradients]')).not.toHaveText('0');
  // A search that gains nothing says so, and keeps what there was.
  await page.locator('#smaller').click();
  await page.locator('#cancel').click();
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  await expect(live.sentence).toContainText(/smallest found so far|No smaller one was found/);
  expect((await shown(live)).l2).toBeLessThanOrEqual(l2);
});

test('what is saved of a smaller noise has a name of its own', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-cifar10&device=cpu`);
  await live.deepfool.click();
  await expect(live.exhibit).toHaveAttribute('data-noise', 'deepfool');
  await page.locator('#smaller').click();
  await expect(page.locator('#smaller')).toHaveText(/Look on/, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Save' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByText(/The noise, exact/).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/-smallest\.npy$/);
});

test('what was found is kept when it is stopped', async ({ page, address }) => {
  test.setTimeout(180_000);
  const live = new Live(page);
  await live.open(`${address}?sample=coffee&device=cpu`);
  await live.deepfool.click();
  await live.shows('coffee', 'deepfool');
  const before = await live.figure('l2');
  await page.locator('#smaller').click();
  await expect(live.exhibit).toHaveAttribute('data-state', 'attacking');
  await expect(page.locator('#smaller-progress')).toContainText(/at most 300 gradients/);
  await expect(live.sentence).toContainText('smallest found so far', { timeout: 60_000 });
  await page.locator('#cancel').click();
  await live.shows('coffee', 'deepfool');
  const { l2, first, fooled } = await shown(live);
  // The page shows two digits.
  expect(Math.abs(first / before - 1)).toBeLessThan(0.06);
  expect(l2).toBeLessThan(first);
  expect(fooled).toBe(true);
  await page.locator('#deepfool').click();
  await live.shows('coffee', 'none');
  await expect(page.locator('#smaller')).toHaveCount(0);
});

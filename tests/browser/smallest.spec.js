/** The engine's smallest noise within a budget: watched, ended early, and in whole levels. */
import { expect, test } from './visit.js';

/**
 * What the engine finds on the picture that is shown, and what it said on the way.
 * @param {import('@playwright/test').Page} page
 * @param {Record<string, unknown>} options
 * @param {number} [enough] ends it when so many smaller ones were seen
 */
const smallest = (page, options, enough = Infinity) =>
  page.evaluate(async ([options, enough]) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const { pixels } = /** @type {any} */ (document.querySelector('live-exhibit')).scene.picture;
    const ends = new AbortController();
    const seen = /** @type {any[]} */ ([]);
    const found = await engine.smallest(pixels, {
      .../** @type {any} */ (options),
      finish: ends.signal,
      onBest: (/** @type {any} */ best) => {
        seen.push(best);
        if (seen.length >= Number(enough)) ends.abort();
      },
    });
    const plain = await engine.deepfool(pixels);
    const saved = await engine.classify({
      ...pixels,
      rgba: new Uint8ClampedArray(found.perturbedRgba),
    });
    return {
      l2: found.norms.l2,
      gradients: found.gradientEvaluations,
      label: found.adversarial.top[0].label,
      clean: found.clean.top[0].label,
      saved: saved.clean.top[0].label,
      survives: found.survivesRounding,
      plain: plain.norms.l2,
      levels: [...found.perturbation].every(
        (value) => Math.abs(value * 255 - Math.round(value * 255)) < 1e-3,
      ),
      sizes: seen.map((best) => best.norms.l2),
      budgets: seen.map((best) => [best.gradients, best.maxGradients]),
      last: seen.at(-1)?.adversarial.top[0].label,
      same: seen
        .at(-1)
        ?.perturbation.every(
          (/** @type {number} */ value, /** @type {number} */ index) =>
            value === found.perturbation[index],
        ),
    };
  }, /** @type {const} */ ([options, enough]));

test.beforeEach(async ({ page, address }) => {
  await page.goto(`${address}?network=lenet-cifar10&device=cpu&noise=deepfool`);
  await page.waitForFunction(
    () => /** @type {any} */ (document.querySelector('live-exhibit'))?.scene?.picture?.pixels,
  );
});

test('it is smaller than what DeepFool finds, and shrinks while it is watched', async ({
  page,
}) => {
  const found = await smallest(page, { gradients: 60, bounded: false });
  expect(found.label).not.toBe(found.clean);
  expect(found.l2).toBeLessThanOrEqual(found.plain);
  expect(found.gradients).toBeLessThanOrEqual(60);
  expect(found.sizes.length).toBeGreaterThan(1);
  expect(found.sizes).toEqual(found.sizes.toSorted((a, b) => b - a));
  expect(found.sizes.at(-1)).toBe(found.l2);
  expect(found.same).toBe(true);
  expect(found.last).toBe(found.label);
  for (const [gradients, most] of found.budgets) {
    expect(gradients).toBeLessThanOrEqual(60);
    expect(most).toBe(60);
  }
});

test('ended early, it keeps what it had', async ({ page }) => {
  const found = await smallest(page, { gradients: 100000 }, 2);
  expect(found.label).not.toBe(found.clean);
  expect(found.gradients).toBeLessThan(1000);
});

test('in whole levels, it fools from the bytes', async ({ page }) => {
  const found = await smallest(page, { gradients: 60, rounded: true });
  expect(found.survives).toBe(true);
  expect(found.levels).toBe(true);
  expect(found.saved).toBe(found.label);
});

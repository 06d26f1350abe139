/** The three networks for photographs, which see pictures of different sizes. */
import { expect, openEmptyPage, test } from './visit.js';
import { Live } from './live.js';

test('EfficientNet-Lite1 is chosen in the menu, which says its size, and arrives only then', async ({
  page,
  address,
}) => {
  /** @type {string[]} */
  const weights = [];
  page.on('request', (request) => {
    if (/models\/efficientnet-lite[12]/.test(request.url())) weights.push(request.url());
  });
  const live = new Live(page);
  await live.open(`${address}?device=cpu`);
  const menu = page.locator('#network');
  await expect(menu.locator('option[value="efficientnet-lite1"]')).toHaveText(
    'EfficientNet-Lite1, ImageNet, 11 MB',
  );
  await expect(menu.locator('option[value="efficientnet-lite2"]')).toHaveText(
    'EfficientNet-Lite2, ImageNet, 12 MB',
  );
  expect(weights).toEqual([]);
  await menu.selectOption('efficientnet-lite1');
  await expect(page).toHaveURL(/network=efficientnet-lite1/);
  await expect(live.sentence).toContainText('EfficientNet-Lite1', { timeout: 60_000 });
  await live.shows('coffee', 'none');
  await expect(live.clean.locator('.bar-name').first()).toHaveText('espresso');
  expect(weights).toHaveLength(1);
  await live.choose('chelsea');
  await expect(live.clean.locator('.bar-name').first()).toContainText('cat');
});

test('a shared link opens EfficientNet-Lite2 with its own noise', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?network=efficientnet-lite2&device=cpu&noise=universal`);
  await live.shows('coffee', 'universal');
  const { id, data } = await live.noise();
  expect(id).toBe('efficientnet-lite2-linf10');
  expect(data).toHaveLength(3 * 260 * 260);
  await expect(live.clean.locator('.bar-name').first()).toHaveText('espresso');
});

test('one sum is answered by all three, side by side', async ({ page, address }) => {
  test.setTimeout(180_000);
  const live = new Live(page);
  const beside = 'beside=efficientnet-lite1,efficientnet-lite2';
  await live.open(`${address}?device=cpu&noise=universal&${beside}`);
  await live.shows('coffee', 'universal');
  const part = page.locator('networks-beside');
  await expect(part).toHaveAttribute('data-state', 'answered', { timeout: 120_000 });
  await expect(part.locator('.beside-choice')).toContainText('sees 240 × 240 pixels');
  await expect(part).toContainText('Each pixel of the noise takes the value of the nearest one');

  // As an engine of their own answers to picture and noise at its size.
  const asked = await page.evaluate(async (engineUrl) => {
    const { createEngine } = await import(engineUrl);
    const { scene } = /** @type {any} */ (document.querySelector('live-exhibit'));
    const answers = [];
    for (const network of ['efficientnet-lite1', 'efficientnet-lite2']) {
      const engine = await createEngine({ network, device: 'cpu', workers: 1 });
      const picture = await engine.fitPicture(scene.picture.pixels);
      const { clean, perturbed, fooled } = await engine.classify(picture, {
        perturbation: scene.perturbation,
        strength: scene.strength,
      });
      answers.push({ network, fooled, clean: clean.top[0].name, sum: perturbed.top[0].name });
      engine.dispose();
    }
    return answers;
  }, `${address}engine.js`);
  for (const { network, fooled, clean, sum } of asked) {
    const companion = page.locator(`.companion[data-network="${network}"]`);
    const first = companion.locator('class-bars').locator('.bar-name:nth-of-type(1)');
    await expect(first.first()).toHaveText(clean);
    await expect(companion.locator('class-bars').nth(1)).toContainText(sum);
    await expect(companion.locator('.verdict')).toHaveText(fooled ? 'fooled' : 'not fooled');
  }
});

test('a noise of one network keeps its radius on another of another size', async ({
  page,
  address,
}) => {
  await openEmptyPage(page, address);
  const found = await page.evaluate(async (engineUrl) => {
    const { createEngine } = await import(engineUrl);
    const engine = await createEngine({ network: 'efficientnet-lite1', device: 'cpu' });
    const pictures = [];
    for (const file of ['coffee.png', 'chelsea.png', 'motorcycle_left.png', 'china.jpg']) {
      pictures.push(await engine.loadPicture(`samples/${file}`));
    }
    const sizes = [];
    for (const id of ['efficientnet-lite0-linf10', 'efficientnet-lite0-l22000']) {
      const noise = await engine.loadPerturbation(id);
      const fitted = await engine.fitPerturbation(noise);
      const { fooled } = await engine.fooling(pictures, noise);
      const same = await engine.fooling(pictures, fitted);
      const { norms } = await engine.classify(pictures[0], { perturbation: noise });
      const before = noise.data.length;
      sizes.push({ before, after: fitted.length, norms, fooled, same: same.fooled });
    }
    engine.dispose();
    return sizes;
  }, `${address}engine.js`);
  for (const { before, after, fooled, same } of found) {
    expect([before, after]).toEqual([3 * 224 * 224, 3 * 240 * 240]);
    expect(fooled).toBe(same);
  }
  expect(found[0].norms.linf).toBeCloseTo(10, 3);
  expect(found[1].norms.l2 / 2000).toBeCloseTo(1, 3);
});

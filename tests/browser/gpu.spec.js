/**
 * The GPU path, on an adapter made of software: slow, but the same WebGPU. And
 * the ways back to the CPU, each with its reason.
 */
import { expect, openEmptyPage, test } from './visit.js';
import { randomLenet } from './lenet.js';
import { Live } from './live.js';
import { launch, softwareGpu } from './playwright.config.js';

test.use({ launchOptions: launch(softwareGpu) });
test.setTimeout(300_000);

test('EfficientNet-Lite0 has the same logits on the GPU as on the CPU', async ({
  page,
  address,
}) => {
  await openEmptyPage(page, address);
  const { kind, difference } = await page.evaluate(async (engineUrl) => {
    const { createEngine } = await import(engineUrl);
    const gpu = await createEngine({ device: 'gpu' });
    const cpu = await createEngine({ device: 'cpu' });
    const picture = await cpu.loadPicture('samples/coffee.png');
    const [here, there] = [await gpu.logits(picture), await cpu.logits(picture)];
    const differences = [...here].map((logit, label) => Math.abs(logit - there[label]));
    return { kind: gpu.device.kind, difference: Math.max(...differences) };
  }, `${address}engine.js`);
  expect(kind).toBe('gpu');
  expect(difference).toBeLessThan(1e-2);
});

test('DeepFool fools a small network on the GPU, as on the CPU', async ({ page, address }) => {
  await openEmptyPage(page, address);
  const weights = randomLenet().toString('base64');
  const results = await page.evaluate(
    async ([engineUrl, file]) => {
      const { createEngine } = await import(engineUrl);
      const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
      /** @param {string} device */
      const attack = async (device) => {
        const options = { network: 'lenet-mnist', device, weights: bytes.slice() };
        const engine = await createEngine(options);
        const picture = await engine.loadPicture('samples/coffee.png');
        const { fooled, norms, clean, adversarial } = await engine.deepfool(picture);
        const labels = [clean.top[0].label, adversarial.top[0].label];
        return { kind: engine.device.kind, fooled, l2: norms.l2, labels };
      };
      return { gpu: await attack('gpu'), cpu: await attack('cpu') };
    },
    [`${address}engine.js`, weights],
  );
  expect(results.gpu.kind).toBe('gpu');
  expect(results.gpu.fooled).toBe(true);
  expect(results.gpu.labels).toEqual(results.cpu.labels);
  expect(results.gpu.l2 / results.cpu.l2).toBeCloseTo(1, 2);
});

test('a software adapter is never chosen by itself', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  await expect(live.device).toContainText('on the CPU');
  await expect(live.device).toContainText('emulated in software');
});

for (const [failure, reason] of /** @type {const} */ ([
  ['gpu-refused', /GPU.*The CPU does the work instead/],
  ['self-test', /GPU.*The CPU does the work instead/],
  ['gpu-lost', /GPU was lost.*The CPU does the work instead/],
])) {
  test(`${failure}: the CPU takes over, and the page says why`, async ({ page, address }) => {
    const live = new Live(page);
    await live.open(`${address}?device=gpu&inject=${failure}`);
    await expect(live.device).toContainText('on the CPU', { timeout: 120_000 });
    // The CPU answers at once; the GPU opens beside it, slowly on this adapter.
    await expect(live.device).toHaveText(reason, { timeout: 120_000 });
    await live.choose('chelsea');
  });
}

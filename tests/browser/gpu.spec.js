/**
 * The GPU path, on an adapter made of software: slow, but the same WebGPU. And
 * the ways back to the CPU, each with its reason.
 */
import { expect, openEmptyPage, test } from './visit.js';
import { disguise } from './disguise.js';
import { randomLenet } from './lenet.js';
import { Live, rows } from './live.js';
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

/** Keeps the worker's GPU devices within reach. */
function keepDevices() {
  const kept = /** @type {any} */ (globalThis);
  kept.devices = [];
  const request = kept.GPUAdapter.prototype.requestDevice;
  kept.GPUAdapter.prototype.requestDevice = async function (/** @type {unknown[]} */ ...wish) {
    const device = await request.apply(this, wish);
    kept.devices.push(device);
    return device;
  };
}

test('a GPU that is lost ten times in a row costs no answer, and may be asked for again', async ({
  page,
  context,
  address,
}) => {
  await disguise(context, 'any');
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=cpu&noise=universal`);
  const [worker] = page.workers();
  await worker.evaluate(keepDevices);
  const expected = [];
  const digits = ['digit-0', 'digit-3', 'digit-7'];
  for (const digit of digits) {
    await live.choose(digit, 'universal');
    expected.push([await rows(live.clean), await rows(live.perturbed)]);
  }
  for (let time = 0; time < 10; time += 1) {
    await live.device.getByRole('button', { name: 'Use the GPU' }).click();
    await expect(live.device).toContainText('on the GPU', { timeout: 60_000 });
    const at = time % digits.length;
    // It goes while it is asked.
    await Promise.all([
      live.choose(digits[at], 'universal'),
      worker.evaluate(() => /** @type {any} */ (globalThis).devices.at(-1).destroy()),
    ]);
    await expect(live.device).toHaveText(
      /on the CPU in [^.]*[\d.]+ s\. The GPU (was lost|did not give its result)\. The CPU does the work instead\./,
    );
    await expect(live.notice).toHaveCount(1);
    expect([await rows(live.clean), await rows(live.perturbed)], `time ${time}`).toEqual(
      expected[at],
    );
  }
  expect(await worker.evaluate(() => /** @type {any} */ (globalThis).devices.length)).toBe(10);
});

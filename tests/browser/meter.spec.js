/**
 * What an answer costs the worker itself on the GPU path, as counts: they are the
 * same on an adapter made of software as on a graphics card.
 */
import { expect, openEmptyPage, test } from './visit.js';
import { launch, softwareGpu } from './playwright.config.js';

test.use({ launchOptions: launch(softwareGpu) });

/** Of LeNet: six launches a walk, one submission each, and nothing made on the way. */
const MOST = {
  forward: { calls: 40, dispatches: 8, submits: 3, buffers: 2, bindGroups: 2 },
  gradients: { calls: 50, dispatches: 16, submits: 4, buffers: 2, bindGroups: 2 },
};

test('the worker makes few things for an answer and for ten gradients', async ({
  page,
  address,
}) => {
  await openEmptyPage(page, address);
  const { kind, forward, gradients } = await page.evaluate(async (engineUrl) => {
    const { createEngine } = await import(engineUrl);
    const engine = await createEngine({ network: 'lenet-mnist', device: 'gpu' });
    // From here on it counts; the first questions also make the pipelines.
    await engine.meter();
    const picture = await engine.loadPicture('samples/coffee.png');
    const ten = [...Array(10).keys()];
    await engine.logits(picture);
    await engine.classGradients(picture, ten);
    await engine.meter();
    await engine.logits(picture);
    const forward = await engine.meter();
    await engine.classGradients(picture, ten);
    const gradients = await engine.meter();
    return { kind: engine.device.kind, forward, gradients };
  }, `${address}engine.js`);
  expect(kind).toBe('gpu');

  for (const [name, counts, most] of /** @type {const} */ ([
    ['forward', forward, MOST.forward],
    ['gradients', gradients, MOST.gradients],
  ])) {
    // Counted at all, and within the bound.
    expect(counts.dispatches, name).toBeGreaterThan(0);
    expect(counts.submits, name).toBeGreaterThan(0);
    expect(counts.calls, name).toBeGreaterThan(0);
    expect(counts.milliseconds, name).toBeGreaterThan(0);
    expect(counts.pipelines, name).toBe(0);
    for (const [what, bound] of Object.entries(most)) {
      expect(counts[what], `${what}, ${name}`).toBeLessThanOrEqual(bound);
    }
  }
});

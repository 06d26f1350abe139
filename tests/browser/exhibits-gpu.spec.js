/** Exhibits on a GPU (in software) say what they say on the CPU. */
import { shown } from './exhibits.js';
import { launch, softwareGpu } from './playwright.config.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

test.use({ launchOptions: launch(softwareGpu) });

/** All numbers of the closing sentence. @param {Page} page */
async function figures(page) {
  const text = await page.locator('#sentence').innerText();
  return (text.replaceAll(',', '').match(/\d+(\.\d+)?/g) ?? []).map(Number);
}

for (const id of ['noises', 'changes', 'message']) {
  test(`${id} on the GPU as on the CPU`, async ({ page, address }) => {
    /** @type {Record<string, number[]>} */
    const found = {};
    for (const device of ['cpu', 'gpu']) {
      await page.goto(
        `${address}?exhibit=${id}&network=lenet-mnist&sample=digit-3&device=${device}`,
      );
      await expect(page.locator('html')).toHaveAttribute('data-device', device, {
        timeout: 60_000,
      });
      await shown(page);
      found[device] = await figures(page);
    }
    expect(found.cpu.length).toBeGreaterThan(0);
    expect(found.gpu.length).toBe(found.cpu.length);
    for (const [index, value] of found.cpu.entries())
      expect(Math.abs(found.gpu[index] - value)).toBeLessThanOrEqual(0.03 * value + 0.011);
  });
}

/**
 * Every exhibit at the sizes and in the themes that people have, written to
 * target/screens/ to be looked at; and none is wider than its window.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exhibits, shown } from './exhibits.js';
import { Live } from './live.js';
import { expect, test } from './visit.js';

const folder = fileURLToPath(new URL('../../target/screens', import.meta.url));
const SIZES = /** @type {const} */ ([
  [1440, 900],
  [390, 844],
  [320, 640],
]);

test('every exhibit stands in its window', async ({ page, address }) => {
  test.setTimeout(300_000);
  const live = new Live(page);
  await live.open(`${address}?device=cpu`);
  for (const id of await exhibits(page)) {
    await page.goto(
      `${address}?device=cpu&exhibit=${id}${id === 'live' ? '&noise=universal' : ''}`,
    );
    await shown(page);
    for (const theme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: theme === 'dark' ? 'dark' : 'light' });
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(150);
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - window.innerWidth,
        );
        expect(over, `${id} at ${width}`).toBeLessThanOrEqual(0);
        await page.screenshot({
          path: path.join(folder, `${id}-${width}-${theme}.png`),
          fullPage: width < 1000,
        });
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    // On a stage.
    await page.locator('#present').click();
    await expect(page.locator('html')).toHaveAttribute('data-presenting', '');
    await page.waitForTimeout(150);
    await page.screenshot({ path: path.join(folder, `${id}-stage.png`) });
    await page.keyboard.press('Escape');
    await expect(page.locator('html')).not.toHaveAttribute('data-presenting', '');
  }
});

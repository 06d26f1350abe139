/** What each exhibit adds to the download: little, and nothing large without being asked for. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { exhibits, shown } from './exhibits.js';
import { Live } from './live.js';
import { expect, test } from './visit.js';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
/** Of all exhibits together, downloaded with the first that draws one. */
const CHARTS = /^charts\./;
const MOST = 60e3;

test('each exhibit is under 60 kB of script', async ({ page, address }, testInfo) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=cpu`);
  const ids = await exhibits(page);
  for (const id of ids.filter((id) => id !== 'live')) {
    // The worker's own files are not the page's.
    const scripts = () =>
      page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .map(({ name }) => name.split('/').pop() ?? '')
          .filter((name) => /^[\w-]+\.[0-9a-f]{12}\.js$/.test(name)),
      );
    await page.goto(`${address}?network=lenet-mnist&device=cpu`);
    await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
    const before = new Set(await scripts());
    await page.locator(`.header nav a[href*="exhibit=${id}"]`).click();
    await shown(page);
    const added = (await scripts()).filter((name) => !before.has(name) && !CHARTS.test(name));
    expect(added.length, id).toBeGreaterThan(0);
    const sizes = await Promise.all(
      added.map(async (name) => gzipSync(await readFile(path.join(dist, name))).length),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    testInfo.annotations.push({ type: id, description: `${bytes} bytes` });
    expect(bytes, id).toBeLessThan(MOST);
  }
});

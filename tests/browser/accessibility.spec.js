/** No exhibit, dialog or page violates WCAG 2.2 AA, as far as axe can tell, in either theme. */
import { AxeBuilder } from '@axe-core/playwright';
import { exhibits, shown } from './exhibits.js';
import { Live } from './live.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const SMALL = '?network=lenet-mnist&device=cpu';
const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds, in a line each. @param {Page} page */
async function violations(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(LEVELS).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

for (const theme of ['light', 'dark']) {
  test(`every exhibit, ${theme}`, async ({ page, address }) => {
    const live = new Live(page);
    await live.open(`${address}${SMALL}&theme=${theme}`);
    for (const id of await exhibits(page)) {
      await page.goto(`${address}${SMALL}&theme=${theme}&exhibit=${id}`);
      await shown(page);
      expect(await violations(page), id).toEqual([]);
    }
  });

  test(`noises, dialogs and the other pages, ${theme}`, async ({ page, address }) => {
    const live = new Live(page);
    await live.open(`${address}${SMALL}&theme=${theme}&noise=universal`);
    expect(await violations(page), 'universal').toEqual([]);
    await live.deepfool.click();
    await live.shows('digit-0', 'deepfool').catch(() => {});
    expect(await violations(page), 'deepfool').toEqual([]);
    await live.openWorkshop();
    expect(await violations(page), 'workshop').toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('#embed').click();
    expect(await violations(page), 'embed').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Credits' }).click();
    await expect(page.locator('.credits li')).not.toHaveCount(0);
    expect(await violations(page), 'credits').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Tour' }).click();
    expect(await violations(page), 'tour').toEqual([]);
    await page.emulateMedia({ colorScheme: theme === 'dark' ? 'dark' : 'light' });
    for (const file of ['teach.html', 'bench.html']) {
      await page.goto(`${address}${file}`);
      expect(await violations(page), file).toEqual([]);
    }
  });
}

/** Results: what the tables say is what the files say, and one file less takes nothing from the others. */
import { readFile } from 'node:fs/promises';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

/** @param {string} name */
const results = async (name) =>
  JSON.parse(await readFile(new URL(`../../www/results/${name}.json`, import.meta.url), 'utf8'));

/** @param {Page} page @param {string} table */
const opened = async (page, table) => {
  const exhibit = page.locator('results-exhibit');
  await expect(exhibit).toHaveAttribute('data-table', table);
  await expect(exhibit).toHaveAttribute('data-state', 'answered');
};

/** The rows, as they stand: texts, and the numbers behind the cells. @param {Page} page */
const rows = (page) =>
  page.locator('.results-scroll tbody tr').evaluateAll((rows) =>
    rows.map((row) => ({
      kind: /** @type {HTMLElement} */ (row).dataset.kind,
      texts: [...row.children].map((cell) => cell.textContent?.trim() ?? ''),
      values: Object.fromEntries(
        [...row.querySelectorAll('td[data-value]')].map((cell) => {
          const { column, value } = /** @type {HTMLElement} */ (cell).dataset;
          return [column ?? '', Number(value)];
        }),
      ),
    })),
  );

test('every figure of a table is that of its file, beside what was published', async ({
  page,
  address,
}) => {
  await page.goto(`${address}?device=cpu&network=lenet-mnist&exhibit=results`);
  await opened(page, 'robustness');
  const robustness = await results('robustness');
  const methods = { deepfool: 'DeepFool', lbfgs: 'L-BFGS', 'fast-gradient': 'fast gradient sign' };
  const shown = await rows(page);
  let compared = 0;
  for (const { title, measure, value } of robustness.entries) {
    const [what, method] = measure.split(', ');
    const name = /** @type {Record<string, string>} */ (methods)[method];
    if (what !== 'rho_adv' || !name) continue;
    const row = shown.find(({ texts }) => texts[0] === title && texts[2] === name);
    expect(row?.values.rho, `${title}, ${measure}`).toBe(value);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(10);
  const published = shown.filter(({ kind }) => kind === 'published');
  expect(published.map(({ values }) => values.rho).sort()).toEqual(
    robustness.published
      .filter((/** @type {any} */ { measure }) => measure.startsWith('rho_adv'))
      .map((/** @type {any} */ { value }) => value)
      .sort(),
  );

  const others = [
    'universal-ways',
    'transfer',
    'feedback',
    'diversity',
    'sections',
    'peers',
    'universal-peers',
  ];
  for (const table of ['universal', ...others]) {
    await page.locator(`[data-table="${table}"]`).first().click();
    await opened(page, table);
    const file = await results(table);
    const all = [...file.entries, ...file.published].map(({ value }) => value);
    const keys = new Set(['pictures', 'round', 'learnt']);
    const cells = (await rows(page)).flatMap(({ values }) =>
      Object.entries(values).flatMap(([key, value]) => (keys.has(key) ? [] : value)),
    );
    expect(cells.sort(), table).toEqual(all.sort());
  }
});

test('tables are sorted by their headings, and the link has it', async ({ page, address }) => {
  await page.goto(`${address}?device=cpu&network=lenet-mnist&exhibit=results&table=universal`);
  await opened(page, 'universal');
  const heading = page.locator('th:has([data-key="others"])');
  const column = async () =>
    (await rows(page)).flatMap(({ values }) => (values.others === undefined ? [] : values.others));
  await expect(heading).toHaveAttribute('aria-sort', 'none');
  await heading.getByRole('button').click();
  await expect(heading).toHaveAttribute('aria-sort', 'descending');
  const down = await column();
  expect(down).toEqual([...down].sort((a, b) => b - a));
  await heading.getByRole('button').click();
  await expect(heading).toHaveAttribute('aria-sort', 'ascending');
  await expect(page).toHaveURL(/sort=others/);
  expect(await column()).toEqual([...down].reverse());
  await page.reload();
  await opened(page, 'universal');
  await expect(heading).toHaveAttribute('aria-sort', 'ascending');
  const network = page.locator('th [data-key="network"]');
  await network.click();
  const names = (await rows(page)).map(({ texts }) => texts[0]);
  expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
});

test('every table can be read', async ({ page, address }) => {
  await page.goto(`${address}?device=cpu&network=lenet-mnist&exhibit=results`);
  await opened(page, 'robustness');
  const tabs = page.locator('[data-table]');
  const ids = await tabs.evaluateAll((all) =>
    all.map((tab) => /** @type {HTMLElement} */ (tab).dataset.table ?? ''),
  );
  expect(ids).toContain('label-graph');
  for (const id of ids) {
    await page.locator(`[data-table="${id}"]`).first().click();
    await opened(page, id);
    await expect(page.locator('.results-scroll tbody tr').first(), id).toBeVisible();
  }
});

test('it needs no classifier; a missing file says so, and the others stay', async ({
  page,
  address,
  provokes,
}) => {
  provokes(/404|Failed to load resource|net::ERR_FAILED/);
  await page.route('**/*.safetensors', (route) => route.abort());
  const isMissing = { value: true };
  await page.route('**/results/transfer.json', (route) =>
    isMissing.value ? route.fulfill({ status: 404, body: '' }) : route.continue(),
  );
  await page.goto(`${address}?device=cpu&exhibit=results&table=transfer`);
  const missing = page.locator('.results-missing');
  await expect(missing).toContainText('“Other networks” could not be downloaded');
  await page.locator('[data-table="sections"]').click();
  await opened(page, 'sections');
  await expect(page.locator('#sentence')).toContainText('Curvature times |r|');
  await page.locator('[data-table="transfer"]').click();
  await expect(missing).toBeVisible();
  isMissing.value = false;
  await missing.getByRole('button', { name: 'Try again' }).click();
  await opened(page, 'transfer');
  const { entries, published } = await results('transfer');
  const rows = entries.length + published.length;
  await expect(page.locator('.results-scroll tbody tr')).toHaveCount(rows);
});

test('charts: as wide as their place, in each theme, and without the library the numbers stay', async ({
  page,
  address,
  provokes,
}) => {
  provokes(/charts|Failed to load resource|net::ERR_FAILED/);
  await page.route('**/charts.*.js', (route) => route.abort());
  await page.goto(`${address}?device=cpu&network=lenet-mnist&exhibit=results&table=feedback`);
  await opened(page, 'feedback');
  const chart = page.locator('plot-chart');
  await expect(chart.getByRole('alert')).toContainText('could not be downloaded');
  await expect(chart.locator('details')).toHaveAttribute('open', '');
  const entries = (await results('feedback')).entries;
  await expect(chart.locator('tbody tr')).toHaveCount(
    entries.filter((/** @type {any} */ { measure }) => measure.startsWith('fooling')).length + 2,
  );
  await page.unroute('**/charts.*.js');
  await chart.getByRole('button', { name: 'Try again' }).click();
  const drawing = chart.getByRole('img', { name: 'Fooling rate after each round of training' });
  await expect(drawing).toBeVisible();
  await expect(chart.getByRole('alert')).toHaveCount(0);
  const width = async () => Number(await drawing.getAttribute('width'));
  const wide = await width();
  const line = drawing.locator('[stroke^="var(--chart-"]').first();
  const colour = () => line.evaluate((line) => getComputedStyle(line).stroke);
  const light = await colour();
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await colour()).not.toBe(light);
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(width).toBeLessThan(wide);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('the command behind a table can be copied', async ({ page, address, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${address}?device=cpu&network=lenet-mnist&exhibit=results&table=normals`);
  await opened(page, 'normals');
  await page.locator('.results-made summary').click();
  const first = page.locator('.results-made li').first();
  await first.getByRole('button').click();
  await expect(first.getByRole('button')).toHaveText('Copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^lab normals data\/imagenet-sample --draw 100 /);
  expect(copied).toBe(await first.locator('code').textContent());
});

for (const width of [320, 390, 844]) {
  test(`no sideways scroll at ${width} px`, async ({ page, address }) => {
    await page.setViewportSize({ width, height: 740 });
    await page.goto(`${address}?device=cpu&network=lenet-mnist&exhibit=results`);
    await opened(page, 'robustness');
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}

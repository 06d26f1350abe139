/** The benchmark as anyone opens it, with a small network and few repeats. */
import { expect, test } from './visit.js';

/**
 * @import { Page } from '@playwright/test'
 * @import { Cell } from '../../www/bench/run.js'
 */

/** @param {Page} page */
async function start(page) {
  await page.locator('#start').click();
  await page.locator('bench-page[data-state="done"]').waitFor({ timeout: 110_000 });
  const report = JSON.parse(await page.locator('#json').inputValue());
  const cell = (/** @type {string} */ row, /** @type {string} */ column) =>
    /** @type {Cell[]} */ (report.rows).find((cell) => cell.row === row && cell.column === column);
  return { report, cell };
}

/** Whatever only a peer needs. @param {Page} page */
function peersFetched(page) {
  /** @type {string[]} */
  const fetched = [];
  page.on('request', (request) => {
    if (/tfjs|ort[.-]|\/bench\/|jax/.test(new URL(request.url()).pathname)) {
      fetched.push(request.url());
    }
  });
  return fetched;
}

test('it fills a table and gives the numbers away, and fetches no peer unasked', async ({
  page,
  address,
}) => {
  const fetched = peersFetched(page);
  await page.goto(`${address}bench.html?network=lenet-mnist&repeats=2&columns=cpu-1,gpu`);
  const { report, cell } = await start(page);
  expect(report).toMatchObject({ project: 'foolscope', network: 'lenet-mnist' });
  expect(report.machine).toContain('core');
  expect(report.browser).toContain('Chrome');

  for (const row of ['load', 'first-forward', 'forward', 'gradients-10', 'deepfool-5', 'memory']) {
    const found = cell(row, 'cpu-1');
    expect(found?.median, row).toBeGreaterThan(0);
    expect(found?.min, row).toBeLessThanOrEqual(found?.median ?? 0);
    expect(found?.max, row).toBeGreaterThanOrEqual(found?.median ?? Infinity);
  }
  expect(cell('stream-perturbed', 'cpu-1')?.unit).toBe('fps');
  expect(cell('own-forward', 'cpu-1')?.counts).toMatchObject({ dispatches: 0, submits: 0 });

  // This browser was given no GPU, and each cell of that column knows.
  expect(cell('forward', 'gpu')?.median).toBeNull();
  expect(cell('forward', 'gpu')?.note).toMatch(/^No GPU here/);

  const table = page.getByRole('table');
  await expect(table.getByRole('columnheader')).toHaveCount(2);
  await expect(table.locator('tr[data-row="forward"] [data-column="cpu-1"]')).toContainText('ms');
  await expect(table.locator('[data-column="gpu"]').first()).toContainText('No GPU here');
  expect(fetched).toEqual([]);
});

test('a peer that is asked for gives the same answer, and is compared with', async ({
  page,
  address,
}) => {
  const fetched = peersFetched(page);
  await page.goto(
    `${address}bench.html?network=lenet-mnist&repeats=2&columns=cpu-1&rows=forward,gradients-10`,
  );
  await page.getByLabel(/onnxruntime-web, wasm/).check();
  await page.getByLabel(/TensorFlow.js, wasm/).check();
  await page.getByLabel(/jax-js, wasm/).check();
  const { cell } = await start(page);
  expect(fetched).not.toEqual([]);
  for (const peer of ['onnx-wasm', 'tensorflow-wasm', 'jax-wasm']) {
    expect(cell('forward', peer)?.note, peer).toBeUndefined();
    expect(cell('forward', peer)?.median, peer).toBeGreaterThan(0);
  }
  expect(cell('gradients-10', 'jax-wasm')?.median).toBeGreaterThan(0);
  expect(cell('gradients-10', 'onnx-wasm')?.note).toBe('It has no gradients in a browser.');
  await expect(page.locator('tr[data-row="forward"] [data-column="cpu-1"]')).toContainText(
    'the best peer',
  );
});

test('it can be stopped, and keeps what it has', async ({ page, address }) => {
  await page.goto(`${address}bench.html?network=lenet-mnist&columns=cpu-1,cpu-all`);
  await page.locator('#start').click();
  await expect(page.locator('tr[data-row="load"] [data-column="cpu-1"]')).toContainText('ms');
  await page.locator('#stop').click();
  await expect(page.locator('bench-page')).toHaveAttribute('data-state', 'stopped');
  await expect(page.getByRole('status')).toContainText(/Stopped after \d+ of/);
  expect(JSON.parse(await page.locator('#json').inputValue()).rows.length).toBeGreaterThan(0);
});

test('the credits lead to it', async ({ page, address }) => {
  await page.goto(address);
  await page.getByRole('button', { name: 'Credits' }).click();
  await page.getByRole('link', { name: 'How fast is it on this device?' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('How fast');
});

/** The same page in two tabs, which share what is kept; and a browser whose storage is full. */
import { readFile } from 'node:fs/promises';
import { Live } from './live.js';
import { test } from './site.js';
import { expect } from './visit.js';

/** @import { Page } from '@playwright/test' */

test.use({ serviceWorkers: 'allow' });

/** What the second tab says in its console. @param {Page} page */
function listen(page) {
  /** @type {string[]} */
  const heard = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(error.message));
  return heard;
}

const noise = async () => ({
  name: 'of one tab.npy',
  mimeType: '',
  buffer: await readFile(
    new URL('../../www/perturbations/lenet-mnist-linf51.npy', import.meta.url),
  ),
});

test('two tabs: a noise of one is the other’s after a reload, a newer page is offered to both', async ({
  page,
  context,
  site,
}) => {
  const second = await context.newPage();
  const heard = listen(second);
  const [one, other] = [new Live(page), new Live(second)];
  for (const live of [one, other])
    await live.open(`${site.address}?network=lenet-mnist&device=cpu&noise=universal`);
  await one.upload(await noise());
  await one.shows('digit-0', 'universal');
  await second.reload();
  await other.which.selectOption({ label: 'of one tab' });
  await other.shows('digit-0', 'universal');
  const { id } = await other.noise();
  // Forgotten there, it goes on here, and is gone the next time.
  await page.evaluate(async (id) => {
    const { universal } = /** @type {any} */ (document.querySelector('live-exhibit'));
    if (universal.id !== id) throw new Error('another noise');
    const asked = indexedDB.open('foolscope');
    await new Promise((resolve) => (asked.onsuccess = resolve));
    asked.result.transaction('noises', 'readwrite').objectStore('noises').delete(id);
    asked.result.close();
  }, id);
  await other.choose('digit-3', 'universal');
  expect((await other.noise()).id).toBe(id);
  await second.reload();
  await other.shows('digit-3', 'universal');
  expect((await other.noise()).id).toBe('lenet-mnist-linf51');

  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null))
    .toBe(true);
  const caches = await page.evaluate(async () => globalThis.caches.keys());
  const build = caches.find((name) => name.startsWith('foolscope-page-'))?.slice(15) ?? '';
  const worker = await readFile(site.file('sw.js'), 'utf8');
  expect(worker).toContain(build);
  await site.write('sw.js', worker.replaceAll(build, 'newer'));
  const html = await readFile(site.file('index.html'), 'utf8');
  await site.write('index.html', html.replace('<html', '<html data-newer'));
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  const offer = (/** @type {Live} */ live) =>
    live.notice.filter({ hasText: 'A newer version of this page is there.' });
  await expect(offer(one)).toBeVisible();
  await expect(offer(other)).toBeVisible();
  await offer(one).getByRole('button', { name: 'Open it' }).click();
  await expect(page.locator('html[data-newer]')).toBeAttached();
  // Its files are no longer kept: it is told, and goes on until the visitor wants to.
  await other.choose('digit-7', 'universal');
  expect(await second.locator('html').getAttribute('data-newer')).toBeNull();
  await offer(other).getByRole('button', { name: 'Open it' }).click();
  await expect(second.locator('html[data-newer]')).toBeAttached();
  await other.shows('digit-7', 'universal');
  expect(heard).toEqual([]);
});

test('where the storage is full all goes on, and what is not kept is told', async ({
  page,
  site,
}) => {
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(site.address);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
  const live = new Live(page);
  await live.open(`${site.address}?network=lenet-mnist&device=cpu&noise=universal`);
  await live.shows('digit-0', 'universal');
  await live.upload(await noise());
  await expect(live.notice).toHaveCount(1);
  await expect(live.notice.locator('p')).toHaveText(/^The storage of this browser is full.*\.$/);
  await page.locator('#network').selectOption('nin-cifar10');
  await live.shows('drawn-airplane', 'universal');
  await page.locator('#network').selectOption('lenet-mnist');
  await live.shows('digit-0', 'universal');
  await page.getByRole('link', { name: 'Three noises' }).click();
  await expect(page.locator('noises-exhibit')).toHaveAttribute('data-state', 'answered', {
    timeout: 60_000,
  });
  // A second visit finds nothing, and does the same.
  await live.open(`${site.address}?network=lenet-mnist&device=cpu&noise=universal`);
  await live.shows('digit-0', 'universal');
});

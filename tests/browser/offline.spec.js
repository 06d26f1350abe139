/** After one visit the page needs no network; a newer one is offered; pictures can be shared with it; it can be installed. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Live } from './live.js';
import { root, test } from './site.js';
import { expect } from './visit.js';

/** @import { Page } from '@playwright/test' */

test.use({ serviceWorkers: 'allow' });

/** What is kept of the page, by name without hash. @param {Page} page */
const kept = (page) =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('foolscope-page-'));
    const all = await Promise.all(
      names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)),
    );
    return all
      .flat()
      .map((url) => url.replace(/\.[0-9a-f]{12}\./, '.').replace(/^.*?\/below\//, ''));
  });

test('after one visit it opens and answers without a network, with what was used', async ({
  page,
  site,
  provokes,
}) => {
  const live = new Live(page);
  await live.open(`${site.address}?network=lenet-mnist&noise=universal`);
  await expect.poll(() => kept(page)).toContain('cpu/foolscope_bg.wasm');
  await page.getByRole('link', { name: 'Three noises' }).click();
  await expect(page.locator('noises-exhibit')).toHaveAttribute('data-state', 'answered');
  const before = await page.locator('#sentence').innerText();
  await expect.poll(() => kept(page)).toContain('explore/foolscope_bg.wasm');
  // Weights are the engine's to keep, once.
  expect((await kept(page)).filter((file) => file.startsWith('models/'))).toEqual([]);

  site.stop();
  provokes(/ERR_CONNECTION_REFUSED|Failed to fetch/);
  await page.reload();
  await expect(page.locator('noises-exhibit')).toHaveAttribute('data-state', 'answered');
  expect(await page.locator('#sentence').innerText()).toBe(before);
  await page.goto(`${site.address}?network=lenet-mnist&noise=universal`);
  await live.shows('digit-0', 'universal').catch(() => {});
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  // Another link to the page is the same page.
  await expect(live.exhibit).toHaveAttribute('data-noise', 'universal');
});

test('a newer build waits until the visitor takes it', async ({ page, site }) => {
  const live = new Live(page);
  await live.open(`${site.address}?network=lenet-mnist`);
  await expect.poll(() => kept(page)).toContain('cpu/foolscope_bg.wasm');
  const caches = () =>
    page.evaluate(async () => (await window.caches.keys()).filter((name) => /page/.test(name)));
  const [old] = await caches();
  const build = old.replace('foolscope-page-', '');
  const worker = await readFile(site.file('sw.js'), 'utf8');
  expect(worker).toContain(build);
  await site.write('sw.js', worker.replaceAll(build, 'newer'));
  const page_ = await readFile(site.file('index.html'), 'utf8');
  await site.write('index.html', page_.replace('<html', '<html data-newer'));
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  const offer = live.notice.filter({ hasText: 'A newer version of this page is there.' });
  await expect(offer).toBeVisible();
  // Not forced: another visit still has the one before.
  await page.reload();
  expect(await page.locator('html').getAttribute('data-newer')).toBeNull();
  await expect(offer).toBeVisible();
  await offer.getByRole('button', { name: 'Open it' }).click();
  await expect(page.locator('html[data-newer]')).toBeAttached();
  expect(await caches()).toEqual(['foolscope-page-newer']);
  // What was used of the build before is there already, should the network go now.
  expect(await kept(page)).toContain('cpu/foolscope_bg.wasm');
  // The server goes with the test: what the page still asks is to be answered before.
  await page.waitForLoadState('networkidle');
});

test('a picture that another application shares is the picture at hand', async ({ page, site }) => {
  const live = new Live(page);
  await live.open(`${site.address}?network=lenet-mnist`);
  await expect.poll(() => kept(page)).toContain('cpu/foolscope_bg.wasm');
  // As the system does it by the manifest's word.
  const manifest = JSON.parse(await readFile(site.file('manifest.webmanifest'), 'utf8'));
  const { action, method, enctype, params } = manifest.share_target;
  await page.goto('about:blank');
  await page.setContent(
    `<form action="${new URL(action, site.address)}" method="${method}" enctype="${enctype}">
    <input type="file" name="${params.files[0].name}"><button>Share</button></form>`,
  );
  await page.locator('input').setInputFiles(path.join(root, 'www/assets/samples/chelsea.png'));
  await page.locator('button').click();
  await expect(live.picture).toContainText('chelsea.png', { timeout: 60_000 });
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  expect(page.url()).toContain('sample=own');
  // Once.
  expect(await page.evaluate(() => caches.has('foolscope-shared'))).toBe(false);
});

test('it can be installed', async ({ page, site }) => {
  const live = new Live(page);
  await live.open(`${site.address}?network=lenet-mnist`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const devtools = await page.context().newCDPSession(page);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  // Playwright's windows are private ones, in which nothing is installed.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  const { errors, data } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  for (const { src, sizes } of JSON.parse(data ?? '').icons) {
    const size = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, src);
    if (sizes !== 'any') expect(size).toBe(sizes);
  }
});

test('where the browser keeps nothing the page is the same', async ({ page, site }) => {
  await page.addInitScript(() => {
    const refuse = () => Promise.reject(new DOMException('refused', 'SecurityError'));
    navigator.serviceWorker.register = refuse;
    for (const name of /** @type {const} */ (['open', 'match', 'has', 'keys', 'delete']))
      CacheStorage.prototype[name] = refuse;
  });
  const live = new Live(page);
  await live.open(`${site.address}?network=lenet-mnist&noise=universal`);
  await expect(live.exhibit).toHaveAttribute('data-noise', 'universal');
});

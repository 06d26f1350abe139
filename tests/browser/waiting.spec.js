/** Who waits is told for what; what fails is told as what it is, and can be tried again; what runs can be stopped. */
import { readFile } from 'node:fs/promises';
import { drop } from './drop.js';
import { Live } from './live.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

/** Lets a test end the page's worker, as a browser that lacks memory does. @param {Page} page */
const keepWorkers = (page) =>
  page.addInitScript(() => {
    /** @type {Worker[]} */
    const workers = [];
    globalThis.Worker = class extends Worker {
      /** @param {ConstructorParameters<typeof Worker>} of */
      constructor(...of) {
        super(...of);
        workers.push(this);
      }
    };
    Object.assign(window, { workers });
  });

/** @param {Page} page */
const endWorker = (page) =>
  page.evaluate(() => /** @type {any} */ (window).workers.at(-1).terminate());

test('a worker that dies is noticed, told and started again, and what was asked is answered', async ({
  page,
  address,
}) => {
  await keepWorkers(page);
  const live = new Live(page);
  await live.open(`${address}?noise=universal`);
  await endWorker(page);
  await expect(live.notice.first()).toContainText('The classifier stopped: the browser ended it.');
  await page.locator('button[data-sample="chelsea"]').click();
  await live.shows('chelsea', 'universal');
  await expect(live.clean.locator('.bar-name').first()).toHaveText(/cat|tabby/i);
  // So soon again it is said, and left to the visitor.
  await endWorker(page);
  const alert = page.getByRole('alert');
  await expect(alert.locator('p')).toHaveText(/The classifier stopped/);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await live.shows('chelsea', 'universal');
});

test('an error of the worker is told by its own cause, where there is no GPU', async ({
  page,
  address,
}) => {
  await keepWorkers(page);
  const live = new Live(page);
  await live.open(address);
  await page.evaluate(() => {
    const [worker] = /** @type {any} */ (window).workers;
    worker.dispatchEvent(new ErrorEvent('error', { message: 'out of memory', cancelable: true }));
  });
  await expect(live.notice.first()).toContainText('The classifier stopped: out of memory.');
  await expect(live.notice.first()).not.toContainText('GPU');
  await live.shows('coffee', 'none');
});

for (const [what, fulfil, said] of /** @type {const} */ ([
  ['is missing', { status: 404, body: 'not found' }, /\.wasm could not be downloaded.*404/],
  [
    'is cut short',
    { contentType: 'application/wasm', body: 'not wasm' },
    /arrived damaged \(8 bytes where [\d,]+ were expected/,
  ],
  [
    'is no program',
    { contentType: 'application/wasm', body: 'not wasm'.repeat(500_000) },
    /cannot start/,
  ],
])) {
  test(`a program that ${what} is told as that, and a second try finds it`, async ({
    page,
    address,
    provokes,
  }) => {
    provokes(/404|wasm/i);
    await page.route('**/cpu/*.wasm', (route) => route.fulfill(fulfil));
    await page.goto(address);
    const alert = page.getByRole('alert');
    await expect(alert.locator('p')).toHaveText(said);
    await page.unroute('**/cpu/*.wasm');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await new Live(page).shows('coffee', 'none');
  });
}

test('without the list of samples the rest works', async ({ page, address, provokes }) => {
  provokes(/404/);
  await page.route('**/credits.json', (route) => route.fulfill({ status: 404, body: '' }));
  await page.goto(address);
  const live = new Live(page);
  await expect(live.notice.locator('p')).toHaveText(/sample photos could not be downloaded/);
  await page.unroute('**/credits.json');
  await live.notice.getByRole('button', { name: 'Try again' }).click();
  await live.shows('coffee', 'none');
  await expect(live.notice).toHaveCount(0);
});

test('one missing sample is told, the others are learnt from', async ({
  page,
  address,
  provokes,
}) => {
  provokes(/404/);
  const live = new Live(page);
  await live.open(address);
  await page.route('**/samples/rocket.jpg', (route) => route.fulfill({ status: 404, body: '' }));
  await page.locator('button[data-sample="rocket"]').click();
  await expect(live.notice.locator('p')).toHaveText(/could not be downloaded.*404/);
  await expect(page.locator('button[data-sample="coffee"]')).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await live.openWorkshop();
  await expect(live.notice.last()).toContainText('1 of the 8 samples could not be downloaded');
  await expect(page.locator('#make')).toBeEnabled();
});

test('weights that nothing could check are said to be unchecked', async ({
  page,
  address,
  provokes,
}) => {
  provokes(/404/);
  await page.route('**/assets.json', (route) => route.fulfill({ status: 404, body: '' }));
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist`);
  await expect(live.device).toContainText('were not checked');
});

test('a network or a noise that cannot be had leaves what is in use, and the choice is kept', async ({
  page,
  address,
  provokes,
}) => {
  provokes(/ERR_FAILED|404/);
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=cpu&noise=universal`);
  const network = page.locator('#network');
  await page.route(/lenet-cifar10|seed/, (route) => route.abort());
  await network.selectOption('lenet-cifar10');
  await expect(live.notice).toContainText('LeNet goes on');
  await expect(network).toHaveValue('lenet-mnist');
  await live.shows('digit-0', 'universal');
  await live.which.selectOption('lenet-mnist-linf51-seed2');
  await expect(live.notice).toHaveCount(2);
  await expect(live.which).toHaveValue('lenet-mnist-linf51');
  await page.unroute(/lenet-cifar10|seed/);
  await live.notice.last().getByRole('button', { name: 'Try again' }).click();
  await expect(live.which).toHaveValue('lenet-mnist-linf51-seed2');
  await expect.poll(async () => (await live.noise()).id).toBe('lenet-mnist-linf51-seed2');
  await live.notice.getByRole('button', { name: 'Try again' }).click();
  await expect(network).toHaveValue('lenet-cifar10');
  await live.shows('drawn-airplane', 'universal');
  await expect(live.notice).toHaveCount(0);
});

test('Escape stops DeepFool; a sample that is clicked meanwhile is acknowledged at once', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await live.deepfool.click();
  await expect(live.exhibit).toHaveAttribute('data-state', 'attacking');
  await page.keyboard.press('Escape');
  await live.shows('coffee', 'none');
  await live.deepfool.click();
  await expect(live.exhibit).toHaveAttribute('data-state', 'attacking');
  const milliseconds = await page.evaluate(async () => {
    const button = /** @type {HTMLElement} */ (
      document.querySelector('button[data-sample="chelsea"]')
    );
    const begun = performance.now();
    button.click();
    while (button.getAttribute('aria-pressed') !== 'true')
      await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now() - begun;
  });
  expect(milliseconds).toBeLessThan(200);
  await expect(live.picture).toContainText('Chelsea');
  await live.shows('chelsea', 'deepfool');
});

test('a picture that is dropped while DeepFool runs is named with its answer, not before', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  const answer = () => live.clean.locator('.bar-name').first().textContent();
  const before = await answer();
  // Caption and answer of every frame.
  await page.evaluate(() => {
    const seen = /** @type {string[][]} */ ([]);
    const look = () => {
      const text = (/** @type {string} */ selector) =>
        document.querySelector(selector)?.textContent?.trim() ?? '';
      seen.push([text('#picture .caption'), text('#picture .bar-name')]);
      requestAnimationFrame(look);
    };
    look();
    Object.assign(window, { seen });
  });
  await live.deepfool.click();
  await drop(page, [
    {
      name: 'rocket.jpg',
      mimeType: 'image/jpeg',
      buffer: await readFile(new URL('../../www/assets/samples/rocket.jpg', import.meta.url)),
    },
  ]);
  await expect(live.exhibit).toHaveAttribute('data-picture', /^rocket\.jpg/);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  expect(await answer()).not.toBe(before);
  const seen = await page.evaluate(() => /** @type {any} */ (window).seen);
  const wrong = seen.filter(
    (/** @type {string[]} */ [name, said]) => name === 'rocket.jpg' && said === before?.trim(),
  );
  expect(seen.length).toBeGreaterThan(2);
  expect(wrong).toEqual([]);
});

test('Escape closes a dialog in the presenter’s view, then leaves it, and the focus returns', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await page.locator('#present').click();
  const root = page.locator('html');
  await expect(root).toHaveAttribute('data-presenting', '');
  await live.openWorkshop();
  await page.keyboard.press('Escape');
  await expect(live.workshop).toBeHidden();
  await page.waitForTimeout(400);
  await expect(root).toHaveAttribute('data-presenting', '');
  await expect(page.locator('#workshop')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(root).not.toHaveAttribute('data-presenting');
  await expect(page.locator('#workshop')).toBeFocused();
  // What has the focus in the view itself goes with it.
  await page.locator('#present').press('Enter');
  await expect(page.locator('.leave')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('#present')).toBeFocused();
});

test('where nothing may be copied the link stands bare, to copy by hand', async ({
  page,
  address,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: () => Promise.reject(new Error('refused')) },
    });
  });
  const live = new Live(page);
  await live.open(`${address}?noise=universal&strength=7.5`);
  await page.getByRole('button', { name: 'Share' }).click();
  await expect(live.notice.locator('code')).toHaveText(page.url());
});

/** The page around the exhibits: history, links, the tour, the teachers' page, and other people's pages. */
import { readFile } from 'node:fs/promises';
import { Live } from './live.js';
import { expect, openEmptyPage, test } from './visit.js';

const SMALL = '?network=lenet-mnist&device=cpu';

test('an exhibit is a step in the history, a setting is not', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}${SMALL}&sample=digit-7`);
  await page.getByRole('link', { name: 'Three noises' }).click();
  const noises = page.locator('noises-exhibit');
  await expect(noises).toHaveAttribute('data-state', 'answered');
  await expect(page).toHaveTitle(/^Three noises/);
  await page.locator('button[data-sample="digit-3"]').click();
  await expect(page).toHaveURL(/sample=digit-3/);
  await expect(noises).toHaveAttribute('data-state', 'answered');
  await page.goBack();
  await expect(live.exhibit).toBeVisible();
  await expect(page).toHaveTitle(/^Live/);
  await page.goForward();
  await expect(noises).toBeVisible();
  // The picture came along, and what a link says comes back.
  await expect(page).toHaveURL(/exhibit=noises.*sample=digit-3|sample=digit-3.*exhibit=noises/);
  await page.reload();
  await expect(noises).toHaveAttribute('data-state', 'answered');
  await expect(page.locator('button[data-sample="digit-3"]')).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});

test('an own picture that a reload took away is told', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}${SMALL}&sample=own`);
  await expect(live.notice).toContainText('not kept by this page');
  await expect(live.exhibit).toHaveAttribute('data-picture', 'digit-0');
});

test('a network that is not shipped is told, and the usual one shown', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?network=nonsense`);
  await expect(live.notice).toContainText('No network called nonsense');
  await expect(page.locator('select#network')).toHaveValue('efficientnet-lite0');
  expect(new URL(page.url()).searchParams.get('network')).toBeNull();
});

test.describe('first visit', () => {
  test.use({ firstVisit: true });

  test('the tour does what it says, and comes once', async ({ page, address }) => {
    const live = new Live(page);
    await live.open(address);
    const tour = page.getByRole('complementary', { name: 'A tour of a minute' });
    await expect(tour).toContainText('1 of 6');
    await expect(page.locator('#picture')).toHaveAttribute('data-toured', '');
    await tour.getByRole('button', { name: 'Next' }).click();
    await tour.getByRole('button', { name: 'Add it' }).click();
    await live.shows('coffee', 'universal');
    await expect(tour).toContainText('3 of 6');
    await page.keyboard.press('Escape');
    await expect(tour).toHaveCount(0);
    await expect(page.locator('[data-toured]')).toHaveCount(0);
    await page.goto(address);
    await expect(live.exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
    await expect(tour).toHaveCount(0);
    // Whoever wants it again asks for it, from wherever.
    await page.goto(`${address}?exhibit=noises`);
    await page.getByRole('button', { name: 'Tour' }).click();
    await expect(tour).toContainText('1 of 6');
    await expect(live.exhibit).toBeVisible();
  });

  test('who follows a link gets no tour', async ({ page, address }) => {
    const live = new Live(page);
    await live.open(`${address}${SMALL}`);
    await page.waitForTimeout(300);
    await expect(page.locator('.tour')).toHaveCount(0);
  });
});

test('the teachers’ page has every exhibit, and prints its addresses', async ({
  page,
  address,
}) => {
  await page.goto(address);
  const links = page.locator('.header nav a');
  const titles = (await links.allInnerTexts()).map((title) => title.trim());
  await page.goto(`${address}teach.html`);
  await expect(page.locator('.lesson h2')).toHaveText(titles);
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('button:visible').count()).toBe(0);
  await expect(page.locator('.address span').nth(1)).toHaveText(`${address}?exhibit=noises`);
  await page.emulateMedia({ media: 'screen' });
  await page.locator('.address a').nth(1).click();
  await expect(page).toHaveURL(`${address}?exhibit=noises`);
});

test('the element shows an exhibit, follows its attributes, and is as high as it', async ({
  page,
  address,
}) => {
  await page.goto(`${address}examples/class.html`);
  const element = page.locator('foolscope-exhibit');
  const inside = element.locator('iframe').contentFrame();
  const live = inside.locator('live-exhibit');
  await expect(live).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  await expect(live).toHaveAttribute('data-noise', 'universal');
  await expect(inside.locator('.header')).toHaveCount(0);
  await page.getByRole('button', { name: 'Seven' }).click();
  await expect(inside.locator('live-exhibit[data-picture="digit-7"]')).toBeVisible();
  await expect
    .poll(() => inside.locator('html').evaluate((html) => html.scrollHeight - html.clientHeight))
    .toBe(0);
  // Beside it the plain frame, which loads when it comes into sight.
  const frame = page.locator('body > iframe');
  await frame.scrollIntoViewIfNeeded();
  await expect(frame.contentFrame().locator('noises-exhibit')).toHaveAttribute(
    'data-state',
    'answered',
    { timeout: 60_000 },
  );
  await expect.poll(() => frame.getAttribute('height')).not.toBe('820');
});

test('the element can be made by a script, and taken away', async ({ page, address }) => {
  await openEmptyPage(page, address);
  await page.evaluate(async (script) => {
    await import(script);
    const element = document.createElement('foolscope-exhibit');
    element.setAttribute('network', 'lenet-mnist');
    element.setAttribute('class', 'mine');
    document.body.append(element);
  }, `${address}exhibit.js`);
  const element = page.locator('foolscope-exhibit');
  expect(await element.evaluate((element) => /** @type {any} */ (element).src)).toBe(
    `${address}?hide=header,footer&network=lenet-mnist`,
  );
  const live = element.locator('iframe').contentFrame().locator('live-exhibit');
  await expect(live).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  const height = await element.evaluate(async (element) => {
    const resized = new Promise((resolve) => element.addEventListener('resize', resolve));
    element.style.width = '360px';
    await resized;
    return element.getBoundingClientRect().height;
  });
  expect(height).toBeGreaterThan(820);
  await element.evaluate((element) => element.remove());
});

test('the engine alone, in a page of its own, as the example has it', async ({ page, address }) => {
  await page.goto(`${address}examples/engine.html`);
  const status = page.getByRole('status');
  await expect(status).toContainText('is ready', { timeout: 60_000 });
  const text = await readFile(new URL('../../www/icons/icon-192.png', import.meta.url));
  await page
    .getByLabel('Picture', { exact: true })
    .setInputFiles({ name: 'icon.png', mimeType: 'image/png', buffer: text });
  await expect(status).toHaveText(/^A noise [\d.]+ grey levels long turns \w+ into \w+\.$/);
  expect(
    await page
      .locator('canvas')
      .evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).width),
  ).toBe(28);
  await page
    .getByLabel('Picture', { exact: true })
    .setInputFiles({ name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await expect(status).not.toHaveText(/^A noise/);
});

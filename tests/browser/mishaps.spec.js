/** What goes wrong at a visitor's: one clear sentence each, and the page goes on working. */
import { textAsJpeg, whitePng } from './files.js';
import { Live } from './live.js';
import { expect, test } from './visit.js';

/** One sentence (perhaps with what to do about it), for a person. */
const clear = /^[A-Z][^{}[\]]{15,}\.$/;

for (const [what, file, sentence] of /** @type {const} */ ([
  ['a text file named .jpg', textAsJpeg(), /picture/],
  ['a picture of 40,000 x 30,000 pixels', whitePng('huge.png', 40_000, 30_000), /40.?000/],
])) {
  test(`${what} is refused`, async ({ page, address }) => {
    const live = new Live(page);
    await live.open(address);
    await live.upload(file);
    await expect(live.notice.locator('p')).toHaveText(sentence);
    await expect(live.notice.locator('p')).toHaveText(clear);
    await live.shows('coffee', 'none');
    await live.choose('chelsea');
  });
}

test('a picture of 1 x 1 pixel is classified, or refused in a sentence', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await live.upload(whitePng('dot.png', 1, 1));
  await expect(live.notice.or(page.locator('live-exhibit[data-picture^="dot.png"]'))).toBeVisible();
  if (await live.notice.isVisible()) await expect(live.notice.locator('p')).toHaveText(clear);
  await live.choose('chelsea');
});

test('a refused camera leaves the photos', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  await page.getByRole('button', { name: 'Webcam' }).click();
  await expect(live.notice.locator('p')).toHaveText(/camera/i);
  await expect(live.notice.locator('p')).toHaveText(clear);
  await live.choose('chelsea');
});

test('missing weights are told, and a second try finds them', async ({
  page,
  address,
  provokes,
}) => {
  provokes(/404/);
  const weights = '**/models/*.safetensors';
  await page.route(weights, (route) => route.fulfill({ status: 404, body: 'not found' }));
  await page.goto(address);
  const alert = page.getByRole('alert');
  await expect(alert.locator('p')).toHaveText(/efficientnet-lite0\.safetensors.*404/);
  await expect(alert.locator('p')).toHaveText(clear);
  await page.unroute(weights);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await new Live(page).shows('coffee', 'none');
});

test('corrupted weights are told, and a second try finds good ones', async ({ page, address }) => {
  const weights = '**/models/*.safetensors';
  await page.route(weights, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body.fill(0xff, body.length / 2, body.length / 2 + 1000);
    await route.fulfill({ response, body });
  });
  await page.goto(address);
  const alert = page.getByRole('alert');
  await expect(alert.locator('p')).toHaveText(/damaged/);
  await page.unroute(weights);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await new Live(page).shows('coffee', 'none');
});

test('a browser without a GPU says so, also to who asks for one', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?device=gpu`);
  await expect(live.device).toContainText('on the CPU');
  await expect(live.device).toContainText('so the CPU does the work');
});

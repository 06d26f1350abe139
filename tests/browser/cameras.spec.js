/** Two cameras: which one is used, remembered, pulled out; and other networks beside the webcam. */
import { Live, rows } from './live.js';
import { launch } from './playwright.config.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

test.use({
  launchOptions: launch([
    '--use-fake-device-for-media-stream=device-count=2',
    '--use-fake-ui-for-media-stream',
  ]),
});

/** Lets the test see which camera runs. @param {Page} page */
const watchCameras = (page) =>
  page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const asked = /** @type {any[]} */ ([]);
    Object.assign(window, { asked });
    mediaDevices.getUserMedia = async (wish) => {
      const stream = await open(wish);
      asked.push({ wish: /** @type {any} */ (wish).video, track: stream.getVideoTracks()[0] });
      return stream;
    };
  });

/**
 * The cameras that were opened, and which of them still run.
 * @param {Page} page
 * @returns {Promise<{ label: string, facing?: string, runs: boolean }[]>}
 */
const opened = (page) =>
  page.evaluate(() =>
    /** @type {any} */ (window).asked.map((/** @type {any} */ { wish, track }) => ({
      label: track.label,
      facing: wish.facingMode,
      runs: track.readyState === 'live',
    })),
  );

const network = '?network=lenet-cifar10&device=cpu';
const WEBCAM = { name: 'Webcam', exact: true };
const choice = 'picture-source camera-choice select';

test('another camera is chosen by name, remembered, and replaced when it is pulled out', async ({
  page,
  address,
}) => {
  await watchCameras(page);
  const live = new Live(page);
  await live.open(`${address}${network}`);
  await page.getByRole('button', WEBCAM).click();
  await live.shows('camera', 'none');
  await expect(page.locator(`${choice} option`)).toHaveText(['fake_device_0', 'fake_device_1']);
  expect(await opened(page)).toEqual([{ label: 'fake_device_0', facing: 'user', runs: true }]);

  await page.locator(choice).selectOption({ label: 'fake_device_1' });
  await expect
    .poll(() => opened(page))
    .toEqual([
      { label: 'fake_device_0', facing: 'user', runs: false },
      { label: 'fake_device_1', facing: undefined, runs: true },
    ]);
  await live.shows('camera', 'none');
  await page.getByRole('button', { name: 'Stop the webcam' }).click();
  await page.getByRole('button', WEBCAM).click();
  await expect
    .poll(async () => (await opened(page)).at(-1))
    .toMatchObject({
      label: 'fake_device_1',
      runs: true,
    });
  await expect(page.locator(`${choice} option:checked`)).toHaveText('fake_device_1');

  await page.evaluate(() => {
    const { track } = /** @type {any} */ (window).asked.at(-1);
    track.stop();
    track.dispatchEvent(new Event('ended'));
  });
  await expect(live.notice).toContainText('The camera was disconnected: fake_device_0 goes on.');
  await expect(page.locator(`${choice} option:checked`)).toHaveText('fake_device_0');
  await expect(page.getByRole('button', { name: 'Stop the webcam' })).toBeVisible();
  const answers = async () => Number(await live.exhibit.getAttribute('data-answers'));
  const before = await answers();
  await expect.poll(answers, 'answers go on').toBeGreaterThan(before + 3);
});

test('the workshop grabs from the camera that is chosen there', async ({ page, address }) => {
  await watchCameras(page);
  const live = new Live(page);
  await live.open(`${address}${network}`);
  await live.openWorkshop();
  await page.locator('#grab').click();
  const cameras = live.workshop.locator('camera-choice select');
  await expect(cameras).toBeVisible();
  await cameras.selectOption({ label: 'fake_device_1' });
  await expect
    .poll(() => opened(page))
    .toEqual([
      { label: 'fake_device_0', facing: 'user', runs: false },
      { label: 'fake_device_1', facing: undefined, runs: true },
    ]);
  await expect(page.locator('#grab')).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('#lesson')).toContainText('24 webcam frames');
  expect((await opened(page)).filter((/** @type {{ runs: boolean }} */ { runs }) => runs)).toEqual(
    [],
  );
  await expect(live.notice).toHaveCount(0);
});

test('other networks answer the webcam too, and so does what survives', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${network}&noise=universal&beside=nin-cifar10&more=survive`);
  await page.getByRole('button', WEBCAM).click();
  await live.shows('camera', 'universal');
  const bars = page.locator('.companion class-bars').nth(1);
  const seen = new Set();
  await expect
    .poll(async () => seen.add(JSON.stringify(await rows(bars))).size, {
      message: 'different answers of the other network',
    })
    .toBeGreaterThanOrEqual(3);
  const jpeg = page.locator('[data-trip="jpeg"] .trip-answer');
  await expect(jpeg).toHaveText(/\s%$/);
  const rate = Number.parseInt(await page.locator('#rate').innerText(), 10);
  expect(rate, 'frames a second').toBeGreaterThan(3);
  await page.getByRole('button', { name: 'Stop the webcam' }).click();
  // The last frame stays, and is saved as any picture.
  await expect(page.locator('survival-strip')).toHaveAttribute('data-state', 'answered');
  const clean = (await rows(live.clean))[0].label;
  await expect
    .poll(async () => {
      const label = Number(await page.locator('[data-trip="png"]').getAttribute('data-label'));
      return label === (await rows(live.perturbed))[0].label;
    })
    .toBe(true);
  expect(clean).toBeGreaterThanOrEqual(0);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('the back camera comes first, is not mirrored, and can be flipped', async ({
    page,
    address,
  }) => {
    await watchCameras(page);
    const live = new Live(page);
    await live.open(`${address}${network}`);
    await page.getByRole('button', WEBCAM).click();
    await live.shows('camera', 'none');
    await expect.poll(async () => (await opened(page))[0]?.facing).toBe('environment');
    await expect(live.picture).toContainText('The camera');
    await page.getByRole('button', { name: 'Flip the camera' }).click();
    await expect
      .poll(async () => (await opened(page)).at(-1))
      .toMatchObject({
        label: 'fake_device_1',
        runs: true,
      });
    await expect(live.picture).toContainText('The webcam, mirrored');
    expect(
      (await opened(page)).filter((/** @type {{ runs: boolean }} */ { runs }) => runs),
    ).toHaveLength(1);
  });
});

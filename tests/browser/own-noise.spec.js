/** *Make your own*: a universal noise made in the browser, stopped, kept, saved and read back. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { randomLenet } from './lenet.js';
import { Live } from './live.js';
import { launch } from './playwright.config.js';
import { expect, openEmptyPage, test } from './visit.js';

test.use({
  launchOptions: launch([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${process.env.FOOLSCOPE_FILM}`,
  ]),
});

const photo = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../../www/assets/samples/${name}`, import.meta.url));

/** The smallest lesson on the page: one photo to learn from. @param {Live} live */
async function makeFromOnePhoto(live) {
  await live.openWorkshop();
  await live.page.locator('#workshop-photos').setInputFiles([photo('flower.jpg')]);
  await live.page.locator('#from-samples').uncheck();
  await expect(live.page.locator('#lesson')).toHaveText(
    /learns from 1 photo, and is tried on 8 sample photos/,
  );
  await live.page.locator('#make').click();
  await expect(live.exhibit).toHaveAttribute('data-making', 'yes');
}

/** Waits until it has grown, then stops and keeps it. @param {Live} live */
async function stopAndKeep(live) {
  await live.shows('coffee', 'universal');
  await live.page.locator('#keep').click();
  await expect(live.exhibit).toHaveAttribute('data-making', 'counting');
  await live.shows('coffee', 'universal');
}

/** @param {Live} live */
const isCounted = (live) =>
  expect(live.exhibit).toHaveAttribute('data-making', 'no', { timeout: 60_000 });

test('8 samples and 24 webcam frames: most of them are fooled within a minute', async ({
  page,
  address,
}) => {
  test.setTimeout(240_000);
  const live = new Live(page);
  await live.open(`${address}?device=cpu`);
  await live.openWorkshop();
  await page.locator('#grab').click();
  await expect(page.locator('#grab')).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('#lesson')).toHaveText(
    'It learns from 8 sample photos and 24 webcam frames, and is tried on 8 webcam frames from in between, which it does not learn from.',
  );
  await page.locator('#make').click();
  await expect(live.exhibit).toHaveAttribute('data-making', 'yes');
  const begun = Date.now();
  await live.shows('coffee', 'universal');
  await expect(page.locator('[data-figure="own"]')).toHaveText(/\s%$/);
  await expect(page.locator('[data-figure="others"]')).toHaveText(/\s%$/, { timeout: 60_000 });
  await expect(page.locator('[data-figure="random-others"]')).toHaveText(/\s%$/);
  const first = await page.locator('#noise canvas').evaluate(pixels);

  // A minute, or less where it is done sooner.
  while (Date.now() - begun < 55_000 && (await page.locator('#keep').isVisible())) {
    await page.waitForTimeout(500);
  }
  expect(await page.locator('#noise canvas').evaluate(pixels), 'the noise grew').not.toBe(first);
  const keep = page.locator('#keep');
  if (await keep.isVisible()) await keep.click();
  await expect(keep).toBeHidden();
  const seconds = (Date.now() - begun) / 1000;
  await isCounted(live);
  const { counts, norm, radius } = await live.noise();
  expect(norm).toBe('linf');
  expect(radius).toBeLessThanOrEqual(10);
  expect([counts.own.of, counts.others.of, counts.random.of]).toEqual([32, 8, 40]);
  expect(counts.randomOthers.of).toBe(8);
  const figures = `fooled after ${seconds.toFixed(0)} s: ${counts.own.fooled} of its own 32, ${counts.others.fooled} of 8 others; by random noise ${counts.random.fooled} of 40`;
  console.log(figures);
  test.info().annotations.push({ type: 'figures', description: figures });
  expect(counts.own.fooled, figures).toBeGreaterThan(16);
  expect(counts.random.fooled / 40, figures).toBeLessThan(0.3);
  await expect(live.notice).toContainText(`fools ${counts.own.fooled} of 32 pictures`);
  await expect(page.locator('[data-figure="own"]')).toHaveText(`${counts.own.fooled} of 32`);
  await expect(page.locator('[data-figure="random"]')).toHaveText(`${counts.random.fooled} of 40`);
});

/** (A difference of arrays as long as these is nothing to print.) @param {number[]} one @param {number[]} other */
const differs = (one, other) =>
  one.length !== other.length || one.some((value, at) => value !== other[at]);

/** @param {number[]} values */
const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Runs in the browser: what a canvas shows. @param {Element} canvas */
const pixels = (canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL();

/** The titles of the noises that come with the page for its first network. @returns {Promise<string[]>} */
async function shipped() {
  const file = new URL('../../www/perturbations/catalogue.json', import.meta.url);
  const catalogue = JSON.parse(await readFile(file, 'utf8'));
  const own = catalogue.filter((/** @type {any} */ it) => it.network === 'efficientnet-lite0');
  return own.map((/** @type {any} */ it) => it.title);
}

test('a noise is stopped and kept, survives a reload, and is read back from its file', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await makeFromOnePhoto(live);
  await stopAndKeep(live);
  const made = await live.noise();
  expect(largest(made.data)).toBeLessThanOrEqual(10 / 255 + 1e-7);
  await expect(live.which).toHaveValue(made.id);
  await expect(live.which.locator('option:checked')).toHaveText('From 1 photo');

  await page.reload();
  await live.shows('coffee', 'universal');
  const kept = await live.noise();
  expect(kept.id).toBe(made.id);
  expect(differs(kept.data, made.data)).toBe(false);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The noise, exact').click();
  const name = 'mine.npy';
  const buffer = await readFile(await (await download).path());
  await live.upload({ name, mimeType: 'application/octet-stream', buffer });
  await expect(live.which.locator('option:checked')).toHaveText('mine');
  const read = await live.noise();
  expect(differs(read.data, made.data)).toBe(false);
  expect(read.id).not.toBe(made.id);

  // Its random twin is just as large.
  await live.which.selectOption('random');
  await live.shows('coffee', 'random');
  expect(await live.figure('linf')).toBeCloseTo(255 * largest(made.data), 0);
  await expect(live.sentence).toContainText('With random noise just as large');

  await live.openWorkshop();
  await live.workshop.locator(`[data-forget="${read.id}"]`).click();
  await expect(live.workshop.locator('[data-forget]')).toHaveCount(1);
  await live.workshop.locator('.dialog-head').getByRole('button', { name: 'Close' }).click();
  await page.reload();
  const titles = [...(await shipped()), 'From 1 photo', 'Random noise of the same size'];
  await expect(live.which.locator('option')).toHaveText(titles);
});

test('a noise that is being made can be cancelled', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  const before = await live.noise();
  await makeFromOnePhoto(live);
  await live.shows('coffee', 'universal');
  // The page answers meanwhile.
  await live.choose('chelsea', 'universal');
  await page.locator('#cancel').click();
  await expect(live.exhibit).toHaveAttribute('data-making', 'no');
  await live.shows('chelsea', 'none');
  expect((await live.noise()).id).toBe(before.id);
  await live.universal.click();
  await live.shows('chelsea', 'universal');
  const titles = [...(await shipped()), 'Random noise of the same size'];
  await expect(live.which.locator('option')).toHaveText(titles);
});

test('a count that a reload or a second noise interrupts goes on', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?device=cpu`);
  await makeFromOnePhoto(live);
  await stopAndKeep(live);
  const first = (await live.noise()).id;
  await page.reload();
  await live.shows('coffee', 'universal');
  expect((await live.noise()).id).toBe(first);
  await expect(page.locator('[data-figure="others"]')).toHaveText(/^\d of 8$/, { timeout: 60_000 });
  await expect(page.locator('[data-figure="random-others"]')).toHaveText(/^\d of 8$/);
  await makeFromOnePhoto(live);
  await stopAndKeep(live);
  const second = (await live.noise()).id;
  await live.openWorkshop();
  await page.locator('#clear').click();
  await page.keyboard.press('Escape');
  await makeFromOnePhoto(live);
  await stopAndKeep(live);
  await isCounted(live);
  await live.which.selectOption(second);
  await expect(page.locator('[data-figure="others"]')).toHaveText(/^\d of 8$/);
});

test('another network chosen while a noise is made: it is kept, and told', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?device=cpu`);
  await makeFromOnePhoto(live);
  await live.shows('coffee', 'universal');
  await page.locator('#network').selectOption('lenet-mnist');
  await expect(live.notice.first()).toContainText('Your noise was finished early and kept');
  await live.shows('digit-0', 'universal');
  expect((await live.noise()).id).toBe('lenet-mnist-linf51');
  await page.locator('#network').selectOption('efficientnet-lite0');
  await live.shows('coffee', 'universal');
  await live.which.selectOption({ label: 'From 1 photo' });
  await isCounted(live);
  await expect(page.locator('[data-figure="others"]')).toHaveText(/^\d of 8$/);
});

test('storage that is full is told, and the noise is not lost', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(address);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
  await makeFromOnePhoto(live);
  await stopAndKeep(live);
  await expect(live.notice.locator('p')).toHaveText(/^The storage of this browser is full.*\.$/);
  await isCounted(live);
  const { id, counts } = await live.noise();
  await expect(live.which).toHaveValue(id);
  expect(counts.others.of).toBe(8);
});

test('a wrong .npy file is refused in a sentence, in Live and in the workshop', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  const buffer = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([header.length, 0]),
    Buffer.from(header),
    Buffer.alloc(24),
  ]);
  const mimeType = 'application/octet-stream';
  await live.upload({ name: 'small.npy', mimeType, buffer });
  const sentence =
    /^small\.npy: expected an array of shape \[3, 224, 224\].*found shape \[2, 3\].*\.$/;
  await expect(live.notice.locator('p')).toHaveText(sentence);
  await live.openWorkshop();
  const text = Buffer.from('These are notes.\n');
  await page.locator('#workshop-npy').setInputFiles({ name: 'notes.npy', mimeType, buffer: text });
  await expect(live.notice.locator('p')).toHaveText(/^notes\.npy: this is not a \.npy file.*\.$/);
  await expect(live.notice.getByRole('button', { name: 'Close' })).toBeVisible();
  await page.keyboard.press('Escape');
  await live.choose('chelsea');
});

test('a noise for pictures of another size is resampled, and that is said', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-cifar10&device=cpu`);
  const header =
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 2), }".padEnd(117) + '\n';
  const levels = [8, -8, 4, -4, 8, -8, 4, -4, 8, -8, 4, -4];
  const buffer = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([header.length, 0]),
    Buffer.from(header),
    Buffer.from(new Float32Array(levels.map((level) => level / 255)).buffer),
  ]);
  await live.upload({ name: 'four.npy', mimeType: 'application/octet-stream', buffer });
  await expect(live.which.locator('option:checked')).toHaveText('four');
  await expect(live.notice.locator('p')).toHaveText(
    /of 2 × 2 pixels, and was resampled to the 32 × 32 that this classifier sees.*\.$/,
  );
  const { data } = await live.noise();
  expect(data).toHaveLength(3 * 32 * 32);
  // The upper left quarter, and the lower right one.
  expect(data[0]).toBeCloseTo(8 / 255);
  expect(data[15 * 32 + 15]).toBeCloseTo(8 / 255);
  expect(data[31 * 32 + 31]).toBeCloseTo(-4 / 255);
});

test('an array of levels, named in capitals, is taken as such and said', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=cpu`);
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (28, 28), }".padEnd(117) + '\n';
  const values = Float32Array.from({ length: 784 }, (_, at) => (at % 2 ? 12 : -12));
  const buffer = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([header.length, 0]),
    Buffer.from(header),
    Buffer.from(values.buffer),
  ]);
  await live.upload({ name: 'UPPER.NPY', mimeType: 'application/octet-stream', buffer });
  await live.shows('digit-0', 'universal');
  expect(await live.figure('linf')).toBe(12);
  await expect(live.which.locator('option:checked')).toHaveText('UPPER');
  await expect(live.notice.locator('p')).toContainText('levels');
});

test('the workshop works by keyboard and fits a phone', async ({ page, address }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const live = new Live(page);
  await live.open(address);
  await page.locator('#workshop').focus();
  await page.keyboard.press('Enter');
  await expect(live.workshop).toBeVisible();
  await page.locator('#from-samples').focus();
  await page.keyboard.press('Space');
  await expect(page.locator('#lesson')).toHaveText(
    'Choose at least one picture for it to learn from.',
  );
  await expect(page.locator('#make')).toBeDisabled();
  await page.keyboard.press('Space');
  await expect(page.locator('#lesson')).toHaveText(
    /learns from 16 views of 4 sample photos.*16 views of 4 other sample photos/,
  );
  await page.locator('input[name="norm"][value="linf"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowLeft');
  await expect(live.workshop.locator('output')).toHaveText('1750');
  const wide = await live.workshop.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await page.keyboard.press('Escape');
  await expect(page.locator('#workshop')).toBeFocused();
});

test('the engine alone: in the ball, counted alike, stopped, cancelled, answering meanwhile', async ({
  page,
  address,
}) => {
  await openEmptyPage(page, address);
  const names = ['coffee.png', 'chelsea.png', 'china.jpg', 'rocket.jpg', 'flower.jpg'];
  const found = await page.evaluate(
    async ([engineUrl, file, names]) => {
      const { createEngine } = await import(/** @type {string} */ (engineUrl));
      const weights = Uint8Array.from(atob(/** @type {string} */ (file)), (c) => c.charCodeAt(0));
      const engine = await createEngine({ network: 'lenet-mnist', device: 'cpu', weights });
      const pictures = await Promise.all(
        /** @type {string[]} */ (names).map((name) => engine.loadPicture(`samples/${name}`)),
      );
      const [own, others] = [pictures.slice(0, 3), pictures.slice(3)];
      /** @type {any[]} */
      const steps = [];
      const options = { norm: 'l2', radius: 1500, maxPasses: 40 };
      const made = await engine.universal(
        { own, others },
        { ...options, onProgress: (/** @type {any} */ step) => steps.push(step) },
      );
      const again = await engine.universal({ own, others }, options);
      const count = await engine.fooling(pictures, made.perturbation);
      let fooled = 0;
      for (const picture of pictures) {
        const answer = await engine.classify(picture, { perturbation: made.perturbation });
        if (answer.fooled) fooled += 1;
      }
      const long = { ...options, maxPasses: 1e6 };
      const finish = new AbortController();
      const stopping = engine.universal({ own }, { ...long, finish: finish.signal });
      const meanwhile = await engine.classify(pictures[0]);
      finish.abort();
      const { stopped, norms } = await stopping;
      const cancelled = await engine
        .universal({ own }, { ...long, signal: AbortSignal.timeout(100) })
        .catch((/** @type {Error} */ error) => error.name);
      const refused = await engine
        .universal({ own: [] })
        .catch((/** @type {Error} */ error) => [error.name, error.message]);
      const random = await engine.randomNoise({ norm: 'l2', radius: 1500 });
      const length = (/** @type {Float32Array} */ values) => 255 * Math.hypot(...values);
      return {
        lengths: [made.norms.l2, length(made.perturbation), length(random), norms.l2],
        same: [...again.perturbation].every((value, at) => value === made.perturbation[at]),
        passes: made.passes,
        isStopped: [made.stopped, stopped],
        fooled: [count.fooled, fooled],
        rates: [made.rates.length, made.otherRates.length],
        shown: steps.filter((step) => step.perturbation).length,
        last: steps.at(-1).passes,
        meanwhile: meanwhile.clean.top.length,
        cancelled,
        refused,
      };
    },
    [`${address}engine.js`, randomLenet().toString('base64'), names],
  );
  const [l2, recomputed, random, early] = found.lengths;
  expect(l2).toBeLessThanOrEqual(1500.01);
  expect(recomputed).toBeCloseTo(l2, 1);
  expect(random).toBeCloseTo(1500, 0);
  expect(early).toBeLessThanOrEqual(1500.01);
  expect(found.same, 'the same from the same seed').toBe(true);
  expect(found.isStopped).toEqual([false, true]);
  expect(found.fooled[0]).toBe(found.fooled[1]);
  expect([found.passes, ...found.rates, found.last]).toEqual([40, 40, 40, 40]);
  expect(found.shown).toBe(10);
  expect(found.meanwhile).toBe(5);
  expect(found.cancelled).toBe('TimeoutError');
  expect(found.refused).toEqual([
    'BadRequest',
    'a universal perturbation needs at least one picture to learn from',
  ]);
});

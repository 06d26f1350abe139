/** A webcam: a fake one, which plays a film made of the sample photos. */
import { Live, rows } from './live.js';
import { expect, openEmptyPage, test } from './visit.js';
import { launch } from './playwright.config.js';

/** @import { Page } from '@playwright/test' */

test.use({
  launchOptions: launch([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    // The page's memory is measured when asked, not at the next collection of garbage.
    '--enable-blink-features=ForceEagerMeasureMemory',
    `--use-file-for-fake-video-capture=${process.env.FOOLSCOPE_FILM}`,
  ]),
});

test('a webcam is classified live, with and without noise, without growing', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await watchMemory(page, address);
  await live.open(address);
  await page.getByRole('button', { name: 'Webcam' }).click();
  const seen = new Set();
  await expect
    .poll(async () => seen.add((await rows(live.clean))[0]?.label).size, {
      message: 'different things that the film shows',
    })
    .toBeGreaterThanOrEqual(3);

  await live.universal.click();
  await live.shows('camera', 'universal');
  await listen(page);
  await page.waitForTimeout(2000);
  const before = await memory(page);
  const made = await squaresMade(page);
  await page.waitForTimeout(10_000);
  const growth = (await memory(page)) - before;
  const { times, most } = await page.evaluate(() => /** @type {any} */ (window).heard);
  expect(times.length, 'answers in twelve seconds').toBeGreaterThan(15);
  expect(most, 'questions open at the same time').toBe(1);
  expect(made, 'squares of pixels, for all frames so far').toBeLessThanOrEqual(6);
  expect((await squaresMade(page)) - made, 'squares of pixels made since').toBe(0);
  const third = Math.floor(times.length / 3);
  const [early, late] = [median(times.slice(0, third)), median(times.slice(-third))];
  expect(late, `milliseconds an answer, at first ${early}`).toBeLessThan(2 * early + 50);
  expect(growth, 'megabytes more').toBeLessThan(5);

  await page.getByRole('button', { name: 'Stop the webcam' }).click();
  await expect(page.getByRole('button', { name: 'Webcam' })).toBeVisible();
  await live.choose('chelsea', 'universal');
});

test('the camera goes on when another network is chosen', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-cifar10&device=cpu`);
  await page.getByRole('button', { name: 'Webcam' }).click();
  await live.shows('camera', 'none');
  for (const network of ['nin-cifar10', 'lenet-mnist']) {
    await page.locator('#network').selectOption(network);
    await expect(page).toHaveURL(new RegExp(network));
    await live.shows('camera', 'none');
  }
  await expect(live.clean.locator('.bar-name').first()).toHaveText(/^\d$/);
  await expect(live.notice).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Stop the webcam' })).toBeVisible();
});

test('a frame is answered as a picture of it would be', async ({ page, address }) => {
  await openEmptyPage(page, address);
  const found = await page.evaluate(async (engineUrl) => {
    const { createEngine } = await import(engineUrl);
    const engine = await createEngine({ device: 'cpu' });
    const [{ id }] = await engine.perturbations();
    const perturbation = await engine.loadPerturbation(id);
    const video = Object.assign(document.createElement('video'), { muted: true });
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
    await video.play();
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    const frame = new VideoFrame(video);

    const drawn = await engine.loadPicture(await createImageBitmap(frame), { mirror: true });
    const copied = await engine.loadPicture(frame.clone(), { mirror: true });
    const spare = [new Uint8ClampedArray(drawn.rgba.length), new Uint8ClampedArray(7)];
    const options = { mirror: true, perturbation, strength: 0.5 };
    const seen = await engine.classifyFrame(frame, { ...options, spare });
    const { perturbedRgba, ...asked } = await engine.classify(seen.picture, options);
    const difference = (/** @type {Uint8Array} */ one, /** @type {Uint8Array} */ other) =>
      one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0);
    const pictures = {
      drawn: difference(drawn.rgba, seen.picture.rgba),
      loaded: difference(copied.rgba, seen.picture.rgba),
      sum: difference(perturbedRgba, seen.sum.rgba),
    };
    const plain = await engine.classifyFrame(new VideoFrame(video), { spare: [seen.sum.rgba] });
    const answer = (/** @type {any} */ { clean, perturbed, fooled, norms }) => ({
      clean,
      perturbed,
      fooled,
      norms,
    });
    engine.dispose();
    return {
      pictures,
      frame: answer(seen),
      picture: answer(asked),
      taken: [spare[0].length, spare[1].length, frame.format],
      plain: { perturbed: plain.perturbed, sum: plain.sum, side: plain.picture.side },
    };
  }, `${address}engine.js`);
  // The browser turns the camera's YCbCr into RGB twice, by different programs.
  expect(found.pictures.drawn, 'levels from what a canvas draws').toBeLessThanOrEqual(3);
  expect(found.pictures).toMatchObject({ loaded: 0, sum: 0 });
  expect(found.frame).toEqual(found.picture);
  expect(found.frame.perturbed).not.toBeNull();
  expect(found.taken, 'given away').toEqual([0, 0, null]);
  expect(found.plain).toEqual({ perturbed: null, sum: null, side: 224 });
});

for (const [what, script] of [
  ['VideoFrame', 'delete globalThis.VideoFrame;'],
  // As before the option `format` was there: the planes as they are.
  ['VideoFrame in RGBA', 'VideoFrame.prototype.allocationSize = () => 460_800;'],
]) {
  test(`a browser without ${what} draws the frames`, async ({ page, address }) => {
    await page.route('**/*.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: script + (await response.text()) });
    });
    const live = new Live(page);
    await live.open(`${address}?device=cpu&noise=universal`);
    await page.getByRole('button', { name: 'Webcam' }).click();
    await live.shows('camera', 'universal');
    const seen = new Set();
    await expect
      .poll(async () => seen.add((await rows(live.clean))[0]?.label).size, {
        message: 'different things that the film shows',
      })
      .toBeGreaterThanOrEqual(2);
  });
}

/**
 * Listens to what the page asks its engine: how long each answer takes, and how many are open.
 * @param {Page} page
 */
function listen(page) {
  return page.evaluate(() => {
    const heard = { times: /** @type {number[]} */ ([]), most: 0 };
    const { engine } = /** @type {any} */ (window).foolscope;
    const classify = engine.classifyFrame.bind(engine);
    let asked = 0;
    engine.classifyFrame = async (/** @type {unknown[]} */ ...question) => {
      const start = performance.now();
      heard.most = Math.max(heard.most, ++asked);
      const answer = await classify(...question);
      asked -= 1;
      heard.times.push(performance.now() - start);
      return answer;
    };
    Object.assign(window, { heard });
  });
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * Lets the page measure its memory, which browsers allow only to pages that share it with no other
 * site, and the test see that of the wasm, and how many arrays of pixels are made.
 * @param {Page} page
 * @param {string} address
 */
async function watchMemory(page, address) {
  const headers = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const watching = `if (globalThis.squaresMade === undefined) {
    globalThis.squaresMade = 0;
    for (const name of ['instantiate', 'instantiateStreaming']) {
      const instantiate = WebAssembly[name];
      WebAssembly[name] = async (...sources) => {
        const result = await instantiate.apply(WebAssembly, sources);
        globalThis.wasmMemory = (result.instance ?? result).exports.memory;
        return result;
      };
    }
    for (const name of ['Uint8ClampedArray', 'ImageData']) {
      globalThis[name] = new Proxy(globalThis[name], {
        construct(target, values, as) {
          const isNew = typeof values[0] === 'number' && Math.max(...values) > 100;
          if (isNew) globalThis.squaresMade += 1;
          return Reflect.construct(target, values, as);
        },
      });
    }
  }\n`;
  await page.route(
    (url) => url.href === address || url.pathname.endsWith('.js'),
    async (route) => {
      const response = await route.fetch();
      const script = response.url().endsWith('.js') ? watching : '';
      const body = script + (await response.text());
      await route.fulfill({ response, body, headers: { ...response.headers(), ...headers } });
    },
  );
}

/** How many arrays of pixels the worker has made. @param {Page} page @returns {Promise<number>} */
function squaresMade(page) {
  return page.workers()[0].evaluate(() => /** @type {any} */ (globalThis).squaresMade);
}

/**
 * The memory of the page, its worker and the wasm, without garbage, in megabytes. (The memory of
 * the browser's process would not do: Chromium keeps the newest few hundred frames of a video.)
 * @param {Page} page
 */
async function memory(page) {
  const { bytes } = await page.evaluate(() =>
    /** @type {any} */ (performance).measureUserAgentSpecificMemory(),
  );
  const [worker] = page.workers();
  const wasm = await worker.evaluate(
    () => /** @type {any} */ (globalThis).wasmMemory.buffer.byteLength,
  );
  return (bytes + wasm) / 1e6;
}

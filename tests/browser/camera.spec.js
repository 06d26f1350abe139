/** A webcam: a fake one, which plays a film made of the sample photos. */
import { Live, rows } from './live.js';
import { expect, test } from './visit.js';
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
  await page.waitForTimeout(10_000);
  const growth = (await memory(page)) - before;
  const { times, most } = await page.evaluate(() => /** @type {any} */ (window).heard);
  expect(times.length, 'answers in twelve seconds').toBeGreaterThan(15);
  expect(most, 'questions open at the same time').toBe(1);
  const third = Math.floor(times.length / 3);
  const [early, late] = [median(times.slice(0, third)), median(times.slice(-third))];
  expect(late, `milliseconds an answer, at first ${early}`).toBeLessThan(2 * early + 50);
  expect(growth, 'megabytes more').toBeLessThan(5);

  await page.getByRole('button', { name: 'Stop the webcam' }).click();
  await expect(page.getByRole('button', { name: 'Webcam' })).toBeVisible();
  await live.choose('chelsea', 'universal');
});

/**
 * Listens to what the page asks its engine: how long each answer takes, and how many are open.
 * @param {Page} page
 */
function listen(page) {
  return page.evaluate(() => {
    const heard = { times: /** @type {number[]} */ ([]), most: 0 };
    const { engine } = /** @type {any} */ (window).foolscope;
    const classify = engine.classify.bind(engine);
    let open = 0;
    engine.classify = async (/** @type {unknown[]} */ ...question) => {
      const start = performance.now();
      heard.most = Math.max(heard.most, ++open);
      const answer = await classify(...question);
      open -= 1;
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
 * site, and the test see that of the wasm.
 * @param {Page} page
 * @param {string} address
 */
async function watchMemory(page, address) {
  const headers = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const keepMemory = `{
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...sources) => {
      const result = await instantiate.apply(WebAssembly, sources);
      globalThis.wasmMemory = result.instance.exports.memory;
      return result;
    };
  }\n`;
  await page.route(
    (url) => url.href === address || url.pathname.endsWith('.js'),
    async (route) => {
      const response = await route.fetch();
      const script = response.url().endsWith('.js') ? keepMemory : '';
      const body = script + (await response.text());
      await route.fulfill({ response, body, headers: { ...response.headers(), ...headers } });
    },
  );
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

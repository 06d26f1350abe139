/**
 * `npm run bench`: the figures that are watched, measured on the built page in
 * a real Chromium. `npm run bench -- --fresh` adds the time from a fresh clone
 * to a served page, which takes minutes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from './build.mjs';
import { root } from './lib/files.mjs';
import { firstVisit } from './lib/first-visit.mjs';
import { run, script } from './lib/run.mjs';
import { serve } from './lib/serve.mjs';
import { secondsSince } from './lib/step.mjs';
import { chromium as findChromium } from './steps/chromium.mjs';

const flags = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
];
const quiet = ['--disable-component-update', '--disable-sync', '--enable-unsafe-webgpu'];

/** @type {[string, string][]} */
const table = [];
const report = (/** @type {string} */ what, /** @type {string} */ value) => {
  table.push([what, value]);
  console.log(`${what.padEnd(52)} ${value}`);
};
/** @param {import('./lib/first-visit.mjs').Bytes} of */
const sizes = ({ raw, gzip, brotli }) =>
  `${kilobytes(raw)} (${kilobytes(gzip)}, ${kilobytes(brotli)})`;
const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(0)} kB`;

await script(async () => {
  await build();
  const again = performance.now();
  await run(process.execPath, ['tools/build.mjs'], { quiet: true });
  console.log('');
  report('npm start, again, to the point of serving', secondsSince(again));
  if (process.argv.includes('--fresh')) await measureFresh();

  const { address, close } = await serve(path.join(root, 'dist'));
  const { chromium } = await import('@playwright/test');
  const executablePath = await findChromium();
  const browser = await chromium.launch({ executablePath, args: [...flags, ...quiet] });
  try {
    await measureFirstAnswer(browser, address);
    await measureDevice(browser, address, 'cpu');
    if (await hasHardwareGpu(browser, address)) await measureDevice(browser, address, 'gpu');
    else report('gpu', 'no hardware adapter here');
    await measureSmoothness(browser, address);
  } finally {
    await browser.close();
    close();
  }
});

/** From a clone of what is committed, with whatever packages this machine has already downloaded. */
async function measureFresh() {
  const clone = await mkdtemp(path.join(root, 'target/fresh-'));
  await run('git', ['clone', '--quiet', root, clone], { quiet: true });
  const start = performance.now();
  await run(process.execPath, ['tools/build.mjs'], { cwd: clone });
  report('npm start, fresh clone, to the point of serving', secondsSince(start));
  await rm(clone, { recursive: true, force: true });
}

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {string} address
 */
async function measureFirstAnswer(browser, address) {
  const page = await browser.newPage();
  const start = performance.now();
  const { answer, gpu } = await firstVisit(page, address);
  report('first visit, to the first answer', secondsSince(start));
  for (const [what, { files, sum }] of Object.entries({ answer, gpu })) {
    const name = what === 'gpu' ? 'what the GPU adds' : 'downloaded to the first answer';
    report(`${name} (gzip, brotli)`, sizes(sum));
    for (const file of files.slice(0, 5)) report(`  ${file.file}`, sizes(file));
  }
  const second = performance.now();
  await page.reload();
  await ready(page);
  report('second visit, to the first answer', secondsSince(second));
  await page.context().close();
}

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {string} address
 * @param {'cpu' | 'gpu'} device
 */
async function measureDevice(browser, address, device) {
  const page = await browser.newPage();
  await page.goto(`${address}?device=${device}`);
  await ready(page);
  const figures = await page.evaluate(measureInPage);
  const milliseconds = (/** @type {number} */ value) => `${value.toFixed(0)} ms`;
  report(`${device}: forward (median of 40)`, milliseconds(figures.forward));
  report(`${device}: gradients of ten classes (median of 15)`, milliseconds(figures.gradients));
  report(
    `${device}: DeepFool on coffee`,
    `${(figures.deepfool / 1000).toFixed(2)} s, ${figures.iterations} iterations`,
  );
  report(`${device}: relative size of that noise`, `${(100 * figures.rho).toFixed(2)} %`);
  await page.context().close();
}

/** Runs in the page. The times include the way to the worker and back. */
async function measureInPage() {
  const engine = /** @type {any} */ (window).foolscope.engine;
  const picture = await engine.loadPicture('samples/coffee.png');
  /** @param {number} times @param {() => Promise<unknown>} work */
  const median = async (times, work) => {
    const all = [];
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      await work();
      all.push(performance.now() - start);
    }
    return all.sort((a, b) => a - b)[times >> 1];
  };
  const logits = await engine.logits(picture);
  const ten = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 10);
  const forward = await median(40, () => engine.logits(picture));
  const gradients = await median(15, () => engine.classGradients(picture, ten));
  const start = performance.now();
  const { rho, iterations } = await engine.deepfool(picture);
  return { forward, gradients, deepfool: performance.now() - start, rho, iterations };
}

/**
 * How long the page itself is ever busy while DeepFool runs, started as a visitor starts it.
 * @param {import('@playwright/test').Browser} browser
 * @param {string} address
 */
async function measureSmoothness(browser, address) {
  const page = await browser.newPage();
  await page.goto(`${address}?device=cpu`);
  await ready(page);
  await page.evaluate(() => {
    const seen = { longest: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) seen.longest = Math.max(seen.longest, task.duration);
    }).observe({ type: 'longtask' });
  });
  await page.locator('#deepfool').click();
  await page.locator('live-exhibit[data-noise="deepfool"]').waitFor({ timeout: 120_000 });
  const { longest } = await page.evaluate(() => /** @type {any} */ (window).seen);
  report(
    'longest task of the page during DeepFool',
    longest ? `${longest.toFixed(0)} ms` : 'none of 50 ms or more',
  );
  await page.context().close();
}

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {string} address
 */
async function hasHardwareGpu(browser, address) {
  const page = await browser.newPage();
  await page.goto(address);
  const found = await page.evaluate(async () => {
    const adapter = await /** @type {any} */ (navigator).gpu?.requestAdapter();
    return Boolean(
      adapter && !adapter.info.isFallbackAdapter && !/swiftshader/i.test(adapter.info.architecture),
    );
  });
  await page.context().close();
  return found;
}

/** @param {import('@playwright/test').Page} page */
async function ready(page) {
  await page.locator('live-exhibit[data-state="answered"]').waitFor({ timeout: 120_000 });
}

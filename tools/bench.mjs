/**
 * `npm run bench`: the figures that are watched, measured on the built page in a
 * real Chromium: what a first visit downloads, how long the page itself is ever
 * busy, and bench.html, as anyone can open it. Where there is no GPU, the GPU path
 * runs on an adapter in software, for its counts and the worker's own time.
 *
 *     npm run bench -- --peers              beside other libraries
 *     npm run bench -- --network lenet-mnist --repeats 5 --columns cpu-1,gpu
 *     npm run bench -- --keep two-cores     as www/results/bench/two-cores.json
 *     npm run bench -- --fresh              also from a fresh clone, which takes minutes
 *     npm run bench -- --each a.onnx,b.onnx,efficientnet-lite1
 *                                           only what these networks cost, one after the other
 *                                           (--device gpu: the GPU path; --built: of what is built)
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { benchNetwork } from './lib/bench-networks.mjs';
import { root } from './lib/files.mjs';
import { firstVisit } from './lib/first-visit.mjs';
import { run, script } from './lib/run.mjs';
import { serve } from './lib/serve.mjs';
import { secondsSince, StepFailed } from './lib/step.mjs';
import { chromium as findChromium } from './steps/chromium.mjs';

/**
 * @import { Browser, Page } from '@playwright/test'
 * @import { Cell } from '../www/bench/run.js'
 */

const flags = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
];
const softwareGpu = '--use-webgpu-adapter=swiftshader';

/** Longer than all cells' own limits together ever took. */
const LONGEST = 45 * 60_000;

const { values: wishes } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    network: { type: 'string' },
    repeats: { type: 'string' },
    columns: { type: 'string' },
    rows: { type: 'string' },
    keep: { type: 'string' },
    each: { type: 'string' },
    device: { type: 'string' },
    // Of what is built already, on a machine where others are at work.
    built: { type: 'boolean', default: false },
  },
});

/** What is measured around the page. @type {{ what: string, value: string }[]} */
const figures = [];
const report = (/** @type {string} */ what, /** @type {string} */ value) => {
  figures.push({ what, value });
  console.log(`${what.padEnd(52)} ${value}`);
};
const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(0)} kB`;

await script(async () => {
  if (wishes.keep && !/^[\w-]+$/.test(wishes.keep)) {
    throw new StepFailed('--keep takes a name of letters, digits and hyphens.');
  }
  if (wishes.each) return measureEach(wishes.each.split(','));
  await build();
  const again = performance.now();
  await run(process.execPath, ['tools/build.mjs'], { quiet: true });
  console.log('');
  report('npm start, again, to the point of serving', secondsSince(again));
  if (wishes.fresh) await measureFresh();

  const { address, close } = await serve(path.join(root, 'dist'));
  const { chromium } = await import('@playwright/test');
  const executablePath = await findChromium();
  const launch = (/** @type {string[]} */ ...more) =>
    chromium.launch({ executablePath, args: [...flags, ...more] });
  let browser = await launch();
  try {
    await measureFirstAnswer(browser, address);
    await measureSmoothness(browser, address);
    if (!(await hasGpu(browser, address))) {
      await browser.close();
      browser = await launch(softwareGpu);
    }
    const result = await measureOnPage(browser, address);
    print(result.rows);
    await keep(JSON.stringify({ ...result, figures }, null, 1));
  } finally {
    await browser.close();
    close();
  }
});

/**
 * What each network costs, on the CPU path unless the GPU's is asked for.
 * @param {string[]} networks files, or ids of ours
 */
async function measureEach(networks) {
  if (!wishes.built) await build();
  const device = wishes.device === 'gpu' ? 'gpu' : 'cpu';
  const { address, close } = await serve(path.join(root, 'dist'));
  const { chromium } = await import('@playwright/test');
  const executablePath = await findChromium();
  const args = device === 'gpu' ? [...flags, softwareGpu] : flags;
  const launch = () => chromium.launch({ executablePath, args });
  const [{ model }] = os.cpus();
  console.log(`\n${model.trim()}, load ${os.loadavg()[0].toFixed(1)}; ms and MB`);
  const all = [];
  try {
    for (const network of networks) {
      const figures = await benchNetwork(network, { device, address, launch });
      all.push({ ...figures, load: os.loadavg()[0] });
      const { network: name, trouble, ...rest } = figures;
      console.log(name.padEnd(20), trouble ?? '', JSON.stringify(rest, rounded));
    }
  } finally {
    close();
  }
  const file = path.join(root, `target/reports/bench-networks-${device}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(all, null, 1)}\n`);
}

/** @param {string} _ @param {unknown} value */
function rounded(_, value) {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

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
 * @param {Browser} browser
 * @param {string} address
 */
async function measureFirstAnswer(browser, address) {
  const page = await browser.newPage();
  const start = performance.now();
  const { answer, gpu } = await firstVisit(page, address);
  report('first visit, to the first answer', secondsSince(start));
  for (const [name, { files, sum }] of Object.entries({
    'downloaded to the first answer': answer,
    'what the GPU adds': gpu,
  })) {
    if (!files.length) continue;
    report(`${name} (gzip, brotli)`, sizes(sum));
    for (const file of files.slice(0, 5)) report(`  ${file.file}`, sizes(file));
  }
  const second = performance.now();
  await page.reload();
  await ready(page);
  report('second visit, to the first answer', secondsSince(second));
  await page.context().close();
}

/** @param {import('./lib/first-visit.mjs').Bytes} of */
function sizes({ raw, gzip, brotli }) {
  return `${kilobytes(raw)} (${kilobytes(gzip)}, ${kilobytes(brotli)})`;
}

/**
 * How long the page itself is ever busy while DeepFool runs, started as a visitor starts it.
 * @param {Browser} browser
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
 * Whether WebGPU has an adapter; the page itself sees whether it is real.
 * @param {Browser} browser
 * @param {string} address
 */
async function hasGpu(browser, address) {
  const page = await browser.newPage();
  await page.goto(`${address}bench.html`);
  const found = await page.evaluate(async () => {
    const { gpu } = /** @type {any} */ (navigator);
    return Boolean(await gpu?.requestAdapter().catch(() => null));
  });
  await page.context().close();
  return found;
}

/**
 * bench.html, as a visitor starts it.
 * @param {Browser} browser
 * @param {string} address
 * @returns {Promise<import('../www/bench/report.js').Report>}
 */
async function measureOnPage(browser, address) {
  const page = await browser.newPage();
  const query = new URLSearchParams();
  for (const name of /** @type {const} */ (['network', 'repeats', 'columns', 'rows'])) {
    const wish = wishes[name];
    if (wish) query.set(name, wish);
  }
  await page.goto(`${address}bench.html?${query}`);
  if (wishes.peers) {
    for (const box of await page.locator('input[name="column"]').all()) await box.check();
  }
  await page.locator('#start').click();
  const ended = page.locator('bench-page:not([data-state="idle"], [data-state="running"])');
  const shown = setInterval(async () => {
    const line = await page
      .locator('.progress-text')
      .textContent({ timeout: 1000 })
      .catch(() => '');
    if (process.stdout.isTTY && line) process.stdout.write(`\r\x1b[K${line}`);
  }, 1000);
  try {
    await ended.waitFor({ timeout: LONGEST });
  } finally {
    clearInterval(shown);
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  }
  if ((await ended.getAttribute('data-state')) !== 'done') {
    throw new StepFailed(`bench.html failed: ${await page.getByRole('alert').innerText()}`);
  }
  const result = JSON.parse(await page.locator('#json').inputValue());
  await page.context().close();
  // A page may not know the processor's name; we do.
  const [{ model }] = os.cpus();
  return { ...result, machine: `${result.machine}, ${model.trim()}` };
}

/** @param {Cell[]} cells */
function print(cells) {
  console.log('');
  for (const { row, column, unit, median, min, max, runs, note, counts } of cells) {
    const amount = median === null ? '' : `${median} ${unit}`;
    const range = runs > 1 ? `${min} to ${max}, ${runs} runs` : '';
    const counted = Object.entries(counts ?? {})
      .filter(([, count]) => count)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
    const more = [range, note, counted].filter(Boolean).join('; ');
    console.log(`${row.padEnd(17)} ${column.padEnd(17)} ${amount.padStart(10)}  ${more}`);
  }
}

/** @param {string} json */
async function keep(json) {
  const files = ['target/reports/bench.json'];
  if (wishes.keep) files.push(`www/results/bench/${wishes.keep}.json`);
  for (const file of files) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true });
    await writeFile(path.join(root, file), `${json}\n`);
    console.log(`\nwritten: ${file}`);
  }
}

/** @param {Page} page */
async function ready(page) {
  await page.locator('live-exhibit[data-state="answered"]').waitFor({ timeout: 120_000 });
}

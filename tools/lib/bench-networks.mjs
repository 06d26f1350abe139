/**
 * What networks cost in a real Chromium, one after the other, each in a browser of its own:
 * files that somebody could bring, read in as the page does, or networks of ours by their id.
 * On the CPU with one worker: a forward pass and the gradients of ten classes, by the clock and by
 * what the processor worked for them, which other programs change little; and the most memory that
 * the process of page and workers ever held. Where a GPU is only emulated, of the GPU path no
 * times but what a question is made of.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { POLICY } from './policy.mjs';

/**
 * @import { Browser, Page } from '@playwright/test'
 *
 * @typedef {object} NetworkFigures
 * @property {string} network
 * @property {'cpu' | 'gpu'} device
 * @property {number} [importing] seconds from the file to the network kept
 * @property {number} [importPeak] megabytes, the most that was held meanwhile
 * @property {number} [start] seconds from there to the first answer
 * @property {Times} [forward]
 * @property {Times} [gradients] of ten classes
 * @property {number} [peak] megabytes, the most that was held while it answered
 * @property {Counts} [forwardCounts]
 * @property {Counts} [gradientCounts]
 * @property {string} [trouble] why there is nothing, or no more
 *
 * Milliseconds, the least of several.
 * @typedef {{ clock: number, processor: number }} Times
 *
 * @typedef {Pick<import('../../www/engine/types.js').Metered, 'dispatches' | 'submits' | 'buffers' | 'bindGroups'>} Counts
 */

/** How often each is asked, and after how many seconds no more. */
const TIMES = { forward: 10, gradients: 4, enough: 40 };
/** Longest for one network, in milliseconds: on a GPU in software, large ones never end. */
const LONGEST = 15 * 60_000;

/**
 * @param {string} network a file, or the id of a network of ours
 * @param {object} asked
 * @param {'cpu' | 'gpu'} asked.device
 * @param {string} asked.address where dist/ is served
 * @param {() => Promise<Browser>} asked.launch
 * @returns {Promise<NetworkFigures>}
 */
export async function benchNetwork(network, { device, address, launch }) {
  const isFile = path.basename(network) !== network || path.extname(network) !== '';
  const name = isFile ? path.basename(network, path.extname(network)) : network;
  const browser = await launch();
  /** @type {NetworkFigures} */
  const figures = { network: name, device };
  try {
    const page = await emptyPage(browser, address);
    let id = network;
    if (isFile) {
      await page.locator('input').setInputFiles(network);
      const begun = performance.now();
      id = await limited(page.evaluate(bringIn, address));
      figures.importing = (performance.now() - begun) / 1000;
      figures.importPeak = await peak(browser);
      // What kept it has ended: the next peak is that of answering.
      await page.waitForTimeout(500);
      await forgetPeak(browser);
    }
    figures.start = await limited(page.evaluate(open, { address, id, device }));
    if (device === 'cpu') {
      figures.forward = await limited(least(page, 'forward'));
      figures.gradients = await limited(least(page, 'gradients'));
      figures.peak = await peak(browser);
    } else {
      figures.forwardCounts = await limited(page.evaluate(counts, 'forward'));
      figures.gradientCounts = await limited(page.evaluate(counts, 'gradients'));
    }
  } catch (error) {
    figures.trouble = /** @type {Error} */ (error).message.split('\n')[0];
  } finally {
    await browser.close();
  }
  return figures;
}

/** @template T @param {Promise<T>} work */
async function limited(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('It took too long.')), LONGEST);
  });
  try {
    return /** @type {T} */ (await Promise.race([work, late]));
  } finally {
    clearTimeout(timer);
  }
}

/** A page with nothing on it but a field for a file. @param {Browser} browser @param {string} address */
async function emptyPage(browser, address) {
  const page = await browser.newPage();
  const empty = `${address}empty.html`;
  await page.route(empty, (route) =>
    route.fulfill({
      contentType: 'text/html',
      headers: { 'Content-Security-Policy': POLICY },
      body: '<!doctype html><title>empty</title><input type="file">',
    }),
  );
  await page.goto(empty);
  return page;
}

/** In the page: reads the file in, with torchvision’s preset, and keeps it. @param {string} address */
async function bringIn(address) {
  const { createEngine } = await import(`${address}engine.js`);
  const engine = await createEngine({ network: 'lenet-mnist', device: 'cpu', workers: 1 });
  const files = /** @type {HTMLInputElement} */ (document.querySelector('input')).files;
  const opened = await engine.importNetwork(files);
  const { title, names, shortSide, knowsPixels } = opened.about;
  const preset = knowsPixels ? undefined : 'torchvision';
  const { id } = await opened.keep({ title, names, shortSide, preset });
  engine.dispose();
  return /** @type {string} */ (id);
}

/**
 * In the page: starts it, and keeps what it can be asked. The seconds to its first answer.
 * @param {{ address: string, id: string, device: 'cpu' | 'gpu' }} asked
 */
async function open({ address, id, device }) {
  const { createEngine } = await import(`${address}engine.js`);
  const begun = performance.now();
  const engine = await createEngine({ network: id, device, workers: 1 });
  if (engine.device.kind !== device) throw new Error(engine.device.reason);
  // From here on it counts, and has started anew for it.
  if (device === 'gpu') await engine.meter();
  const picture = await engine.loadPicture('samples/coffee.png');
  const logits = await engine.logits(picture);
  const start = (performance.now() - begun) / 1000;
  const classes = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 10);
  Object.assign(window, {
    engine,
    forward: () => engine.logits(picture),
    gradients: () => engine.classGradients(picture, classes),
  });
  return start;
}

/** In the page: what a question costs the GPU path. @param {string} question */
async function counts(question) {
  const { engine, [question]: ask } = /** @type {any} */ (window);
  await ask();
  await engine.meter();
  await ask();
  const { dispatches, submits, buffers, bindGroups } = await engine.meter();
  return /** @type {Counts} */ ({ dispatches, submits, buffers, bindGroups });
}

/** @param {Page} page @param {'forward' | 'gradients'} question @returns {Promise<Times>} */
async function least(page, question) {
  const browser = /** @type {Browser} */ (page.context().browser());
  const pids = await renderers(browser);
  const times = { clock: Infinity, processor: Infinity };
  const since = performance.now();
  for (let time = 0; time < TIMES[question]; time++) {
    const before = await worked(pids);
    const clock = await page.evaluate(async (question) => {
      const { [question]: ask } = /** @type {any} */ (window);
      const begun = performance.now();
      await ask();
      return performance.now() - begun;
    }, question);
    times.clock = Math.min(times.clock, clock);
    times.processor = Math.min(times.processor, (await worked(pids)) - before);
    if (performance.now() - since > 1000 * TIMES.enough) break;
  }
  return times;
}

/** What processors worked for all threads of some processes, in milliseconds. @param {number[]} pids */
async function worked(pids) {
  let sum = 0;
  for (const pid of pids) {
    for (const thread of await readdir(`/proc/${pid}/task`)) {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
      sum += Number(text.split(' ')[0]) / 1e6;
    }
  }
  return sum;
}

/** Processes of pages: the only one's, and maybe one that is held ready for another. @param {Browser} browser */
async function renderers(browser) {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

/** The most memory that the page's process held since it was forgotten, in megabytes. @param {Browser} browser */
async function peak(browser) {
  const pids = await renderers(browser);
  const each = pids.map(async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return (1024 * Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])) / 1e6;
  });
  return Math.max(...(await Promise.all(each)));
}

/** From here on the most begins at what is held now. @param {Browser} browser */
async function forgetPeak(browser) {
  const pids = await renderers(browser);
  await Promise.all(pids.map((pid) => writeFile(`/proc/${pid}/clear_refs`, '5')));
}

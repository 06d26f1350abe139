/**
 * What networks cost in a real Chromium, one after the other, each in a browser of its own:
 * files that somebody could bring, read in as the page does, or networks of ours by their id.
 * On the CPU with one worker: a forward pass, the gradients of ten classes, and the most memory
 * that the process of page and workers ever held. Where a GPU is only emulated, of the GPU path
 * no times but what a question is made of.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { POLICY } from './policy.mjs';

/**
 * @import { Browser } from '@playwright/test'
 *
 * @typedef {object} NetworkFigures
 * @property {string} network
 * @property {'cpu' | 'gpu'} device
 * @property {number} [importing] seconds from the file to the network kept
 * @property {number} [importPeak] megabytes, the most that was held meanwhile
 * @property {number} [start] seconds from there to the first answer
 * @property {number} [forward] milliseconds, the least of several
 * @property {number} [gradients] milliseconds for ten classes, the least of several
 * @property {number} [peak] megabytes, the most that was held while it answered
 * @property {Counts} [forwardCounts]
 * @property {Counts} [gradientCounts]
 * @property {string} [trouble] why there is nothing, or no more
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
    const asked = { address, id, device, times: TIMES };
    Object.assign(figures, await limited(page.evaluate(answer, asked)));
    if (device === 'cpu') figures.peak = await peak(browser);
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
  const { title, names, shortSide } = opened.about;
  const { id } = await opened.keep({ title, names, shortSide, preset: 'torchvision' });
  engine.dispose();
  return /** @type {string} */ (id);
}

/**
 * In the page: asks it what takes time.
 * @param {{ address: string, id: string, device: 'cpu' | 'gpu', times: typeof TIMES }} asked
 */
async function answer({ address, id, device, times }) {
  const { createEngine } = await import(`${address}engine.js`);
  const begun = performance.now();
  const engine = await createEngine({ network: id, device, workers: 1 });
  if (engine.device.kind !== device) throw new Error(engine.device.reason);
  const counted = device === 'gpu';
  // From here on it counts, and has started anew for it.
  if (counted) await engine.meter();
  const picture = await engine.loadPicture('samples/coffee.png');
  const logits = await engine.logits(picture);
  const start = (performance.now() - begun) / 1000;
  const classes = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 10);
  const forward = () => engine.logits(picture);
  const gradients = () => engine.classGradients(picture, classes);
  if (counted) {
    const counts = async (/** @type {() => Promise<unknown>} */ question) => {
      await question();
      await engine.meter();
      await question();
      const { dispatches, submits, buffers, bindGroups } = await engine.meter();
      return { dispatches, submits, buffers, bindGroups };
    };
    return { forwardCounts: await counts(forward), gradientCounts: await counts(gradients) };
  }
  const least = async (
    /** @type {() => Promise<unknown>} */ question,
    /** @type {number} */ most,
  ) => {
    const all = [];
    const since = performance.now();
    do {
      const now = performance.now();
      await question();
      all.push(performance.now() - now);
    } while (all.length < most && performance.now() - since < 1000 * times.enough);
    return Math.min(...all);
  };
  return {
    start,
    forward: await least(forward, times.forward),
    gradients: await least(gradients, times.gradients),
  };
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

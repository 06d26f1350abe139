/**
 * Hours of a demonstration, watched: the webcam with the universal noise on, and
 * every so often how much memory that takes and how long an answer does.
 */
import { readFile } from 'node:fs/promises';

/**
 * @import { Browser, Page } from '@playwright/test'
 *
 * @typedef {object} Sample
 * @property {number} at seconds since the film began
 * @property {number} frames answered since the sample before
 * @property {number} median milliseconds from a frame to its answer
 * @property {number} low the same of the fastest tenth, which other programs disturb least
 * @property {number} wasm megabytes of the engine's wasm
 * @property {number} renderer megabytes of the process that holds page and workers
 * @property {number} gpu the same of the browser's process for the GPU
 *
 * @typedef {{ growth: number, slower: number, failures: string[] }} Verdict growth of the memory, and
 *   of the fastest answers' time, each as a share
 */

/** More memory than that, as a share, is a leak. */
const MOST_GROWTH = 0.05;
/** More time than that, as a share, is a slowing down: machines are not steadier. */
const MOST_SLOWER = 0.2;
/** The same of the medians, and of how much fewer frames there are, where other programs have a part. */
const MOST_SLOWER_USUALLY = 1;

/**
 * The first third of what is left after warming up against the last: of the memory the
 * medians, and of the fastest tenth of the answers the fastest in each, as a machine that
 * has other things to do as well makes answers slower and none faster.
 * @param {Sample[]} samples
 * @param {number} warmUp seconds that do not count: caches and pools fill
 * @returns {Verdict}
 */
export function judge(samples, warmUp) {
  const counted = samples.filter(({ at }) => at > warmUp);
  const third = Math.floor(counted.length / 3);
  if (third < 1) return { growth: 0, slower: 0, failures: ['it was too short to be judged'] };
  const [early, late] = [counted.slice(0, third), counted.slice(-third)];
  const change = (/** @type {(part: Sample[]) => number} */ of) => of(late) / of(early) - 1;
  const growth = change((part) => median(part.map(({ renderer, gpu }) => renderer + gpu)));
  const wasm = change((part) => median(part.map(({ wasm }) => wasm)));
  const slower = change((part) => Math.min(...part.map(({ low }) => low)));
  const usually = change((part) => median(part.map(({ median }) => median)));
  const fewer = 1 / (1 + change((part) => median(part.map(({ frames }) => frames)))) - 1;
  const share = (/** @type {number} */ value) => `${(100 * value).toFixed(1)} %`;
  const failures = [];
  if (growth > MOST_GROWTH) failures.push(`the processes' memory grew by ${share(growth)}`);
  if (wasm > MOST_GROWTH) failures.push(`the memory of the wasm grew by ${share(wasm)}`);
  if (slower > MOST_SLOWER) failures.push(`answers took ${share(slower)} longer`);
  if (usually > MOST_SLOWER_USUALLY)
    failures.push(`answers took ${share(usually)} longer in the median`);
  if (fewer > MOST_SLOWER_USUALLY) failures.push('there were less than half as many answers');
  if (![growth, wasm, slower, usually, fewer].every(Number.isFinite))
    failures.push('not all of it was measured');
  const silent = samples.filter(({ frames }) => frames === 0).length;
  if (silent) failures.push(`${silent} times no frame was answered`);
  return { growth, slower, failures };
}

/**
 * @param {Page} page of a browser with a fake camera and `--js-flags=--expose-gc`, at nothing yet
 * @param {object} wishes
 * @param {string} wishes.address
 * @param {'cpu' | 'gpu'} wishes.device
 * @param {string} wishes.network
 * @param {number} wishes.seconds
 * @param {number} wishes.every seconds between samples
 * @param {(sample: Sample) => void} [wishes.told]
 */
export async function soak(page, { address, device, network, seconds, every, told }) {
  await page.goto(`${address}?device=${device}&network=${network}&noise=universal`);
  const exhibit = (/** @type {string} */ state) => page.locator(`live-exhibit${state}`);
  await exhibit('[data-state="answered"][data-noise="universal"]').waitFor({ timeout: 120_000 });
  await page.evaluate(listen);
  await page.locator('.source-buttons > button').first().click();
  await exhibit('[data-picture="camera"][data-noise="universal"]').waitFor({ timeout: 120_000 });
  const browser = /** @type {Browser} */ (page.context().browser());
  const begun = performance.now();
  /** @type {Sample[]} */
  const samples = [];
  for (let at = every; at <= seconds; at += every) {
    await page.waitForTimeout(Math.max(0, begun + 1000 * at - performance.now()));
    await Promise.all([
      page.evaluate(collect),
      ...page.workers().map((each) => each.evaluate(collect)),
    ]);
    const { times, wasm } = await page.evaluate(hear);
    times.sort((a, b) => a - b);
    const sample = {
      at,
      frames: times.length,
      median: median(times),
      low: times[Math.floor(times.length / 10)] ?? NaN,
      wasm: wasm / 1e6,
      ...(await processes(browser)),
    };
    samples.push(sample);
    told?.(sample);
  }
  return samples;
}

/** In the page: the time of each answer from here on, and the wasm's memory as the engine tells it. */
async function listen() {
  const { engine } = /** @type {any} */ (window).foolscope;
  await engine.meter();
  const heard = { times: /** @type {number[]} */ ([]) };
  const classify = engine.classifyFrame.bind(engine);
  engine.classifyFrame = async (/** @type {unknown[]} */ ...question) => {
    const start = performance.now();
    const answer = await classify(...question);
    heard.times.push(performance.now() - start);
    return answer;
  };
  Object.assign(window, { heard });
}

async function hear() {
  const { heard, foolscope } = /** @type {any} */ (window);
  const { memory } = await foolscope.engine.meter();
  return { times: /** @type {number[]} */ (heard.times.splice(0)), wasm: Number(memory) };
}

/** What is only garbage is no growth. */
const collect = () => /** @type {any} */ (globalThis).gc();

/**
 * The memory that each kind of process holds, and its part of what it shares with others, in
 * megabytes: the page's, and the GPU's where it computes. The program's own pages are left out:
 * a process's part of these depends on how many browsers run.
 * @param {Browser} browser
 */
async function processes(browser) {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  const of = async (/** @type {string} */ wanted) => {
    const pids = processInfo.filter(({ type }) => type === wanted).map(({ id }) => id);
    const all = await Promise.all(
      pids.map(async (pid) => {
        const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
        const kilobytes = [...text.matchAll(/^(?:Pss_Anon|Pss_Shmem|SwapPss):\s+(\d+) kB/gm)];
        return kilobytes.reduce((sum, [, value]) => sum + (1024 * Number(value)) / 1e6, 0);
      }),
    );
    // A browser may hold one ready for another page.
    return Math.max(0, ...all);
  };
  return { renderer: await of('renderer'), gpu: await of('GPU') };
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

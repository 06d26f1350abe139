/**
 * `npm run soak`: half an hour of the webcam with the universal noise on, on the CPU and
 * then on a GPU in software with a small network; fails where memory grows, answers slow
 * down or stop coming (lib/soak.mjs says how that is judged).
 *
 *     npm run soak -- --minutes 5 --device cpu
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { root } from './lib/files.mjs';
import { script } from './lib/run.mjs';
import { serve } from './lib/serve.mjs';
import { judge, soak } from './lib/soak.mjs';
import { StepFailed } from './lib/step.mjs';
import { chromium as findChromium } from './steps/chromium.mjs';

const { values: wishes } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    device: { type: 'string' },
    // Of what is built already, on a machine where others are at work.
    built: { type: 'boolean', default: false },
  },
});

/** Which network each device runs: a GPU in software is slow. */
const RUNS = /** @type {const} */ ([
  ['cpu', 'efficientnet-lite0'],
  ['gpu', 'lenet-cifar10'],
]);
/** Seconds. */
const [EVERY, WARM_UP] = [60, 180];

await script(async () => {
  const minutes = Number(wishes.minutes);
  if (!(minutes > WARM_UP / 60 + 2)) throw new StepFailed('--minutes takes a number above 5.');
  const runs = RUNS.filter(([device]) => !wishes.device || device === wishes.device);
  if (!runs.length) throw new StepFailed('--device takes cpu or gpu.');
  if (!wishes.built) await build();
  process.env.CHROMIUM = await findChromium();
  // It reads where Chromium is when it is loaded.
  const { makeFilm, PHOTOS } = await import('../tests/browser/film.js');
  const { camera, launch, softwareGpu } = await import('../tests/browser/playwright.config.js');
  const { chromium } = await import('@playwright/test');
  const { address, close } = await serve(path.join(root, 'dist'));
  const film = await makeFilm(PHOTOS);
  /** @type {string[]} */
  const failures = [];
  try {
    for (const [device, network] of runs) {
      console.log(`\n${network} on the ${device === 'gpu' ? 'GPU, in software' : 'CPU'}`);
      console.log('minute  frames  ms (fastest tenth)  wasm  page  GPU, in MB');
      const flags = device === 'gpu' ? softwareGpu : [];
      const browser = await chromium.launch(launch([...camera(film), ...flags]));
      try {
        const page = await browser.newPage();
        const wish = { address, device, network, seconds: 60 * minutes, every: EVERY };
        const samples = await soak(page, { ...wish, told: (sample) => console.log(line(sample)) });
        const verdict = judge(samples, WARM_UP);
        console.log(
          `memory ${percent(verdict.growth)}, the fastest answers’ time ${percent(verdict.slower)}`,
        );
        failures.push(...verdict.failures.map((why) => `on the ${device}, ${why}`));
        await keep(device, { network, samples, ...verdict });
      } finally {
        await browser.close();
      }
    }
  } finally {
    close();
  }
  if (failures.length) throw new StepFailed(`${failures.join('; ')}.`);
});

/** @param {number} share */
function percent(share) {
  return `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)} %`;
}

/** @param {import('./lib/soak.mjs').Sample} sample */
function line({ at, frames, median, low, wasm, renderer, gpu }) {
  return [
    String(Math.round(at / 60)).padStart(6),
    String(frames).padStart(6),
    `${median.toFixed(1)} (${low.toFixed(1)})`.padStart(18),
    wasm.toFixed(1).padStart(4),
    renderer.toFixed(0).padStart(4),
    gpu.toFixed(0).padStart(4),
  ].join('  ');
}

/** @param {string} device @param {object} report */
async function keep(device, report) {
  const file = path.join(root, `target/reports/soak-${device}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 1)}\n`);
}

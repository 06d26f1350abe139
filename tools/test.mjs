/**
 * `npm test`: every check, cheapest mistakes first, up to the first failure.
 * `npm test -- rust`, `js` or `browser` runs one part.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { build, buildAssets, buildCore } from './build.mjs';
import { root } from './lib/files.mjs';
import { CommandFailed, run, script } from './lib/run.mjs';
import { secondsSince, StepFailed } from './lib/step.mjs';
import { chromium } from './steps/chromium.mjs';
import { exampleCrate } from './steps/example.mjs';
import { onnxNodes } from './steps/onnx-nodes.mjs';
import { packages } from './steps/packages.mjs';
import { wasmTarget } from './steps/rust.mjs';
import { snakemake } from './steps/snakemake.mjs';
import { vulkan } from './steps/vulkan.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */
/** @typedef {{ name: string, part: "rust" | "js" | "browser", work: () => Promise<Count | void> }} Suite */

const reports = 'target/reports';
const wasm = ['--target', 'wasm32-unknown-unknown'];
const strict = ['--', '-D', 'warnings'];

/** @type {Suite[]} */
const suites = [
  { name: 'rustfmt', part: 'rust', work: () => cargo('fmt', '--check') },
  {
    name: 'clippy',
    part: 'rust',
    work: () => cargo('clippy', '--locked', '--all-targets', ...strict),
  },
  { name: 'Rust documentation', part: 'rust', work: rustdoc },
  { name: 'clippy for wasm', part: 'rust', work: clippyWasm },
  // Some Rust tests are of the real weights.
  { name: 'photos and weights', part: 'rust', work: () => buildAssets() },
  { name: 'Rust tests', part: 'rust', work: rustTests },
  { name: 'example crate', part: 'rust', work: exampleTests },
  { name: 'build helper', part: 'rust', work: helperTests },
  { name: 'Prettier', part: 'js', work: () => npm('format:check') },
  { name: 'ESLint', part: 'js', work: () => npm('lint') },
  // The types of the page include those of the wasm.
  { name: 'wasm and assets', part: 'js', work: () => buildCore() },
  { name: 'TypeScript', part: 'js', work: () => npm('typecheck') },
  { name: 'JS unit tests', part: 'js', work: unitTests },
  { name: 'page', part: 'browser', work: () => build() },
  { name: 'browser tests', part: 'browser', work: browserTests },
];

/** @param {string[]} options */
async function cargo(...options) {
  await run('cargo', options);
}

/** @param {string} name */
async function npm(name) {
  await run('npm', ['run', '--silent', name]);
}

/** Clippy has checked the dependencies already, in the same folder. */
async function rustdoc() {
  const env = { RUSTDOCFLAGS: '-D warnings' };
  await run('cargo', ['doc', '--locked', '--no-deps'], { env });
}

async function exampleTests() {
  const said = await exampleCrate();
  if (!/ becomes .* by a noise \d/.test(said)) throw new StepFailed(`it said: ${said}`);
}

/** Its own folder: a changed configuration does not make clippy look again. */
async function clippyWasm() {
  await wasmTarget();
  // Each module's: what one needs must not be missing from another.
  const least = ['--no-default-features', '--features'];
  for (const shape of [[], [...least, 'explore'], [...least, 'compute']]) {
    await run('cargo', ['clippy', '--locked', '--lib', ...shape, ...wasm, ...strict], {
      env: { CLIPPY_CONF_DIR: path.join(root, 'tools/clippy-wasm') },
    });
  }
}

/** In the profile and the folder that it is built in for the page anyway. */
async function helperTests() {
  const manifest = ['--manifest-path', 'tools/foolscope-build/Cargo.toml'];
  const folder = ['--target-dir', 'target/tools'];
  await cargo('test', '--locked', '--release', ...manifest, ...folder);
}

/** A Rust test that cannot run here says `skipped: <name> (<why>)` and counts as skipped, not as passed. */
async function rustTests() {
  await vulkan();
  await onnxNodes();
  await snakemake();
  const out = run('cargo', ['test', '--locked', '--', '--show-output'], { tee: true });
  return counted(out, (text) => {
    const names = [...text.matchAll(/^skipped: (\w+)/gm)].map(([, name]) => name);
    const skipped = new Set(names).size;
    const count = { passed: -skipped, failed: 0, skipped };
    for (const [, passed, failed, ignored] of text.matchAll(
      /(\d+) passed; (\d+) failed; (\d+) ignored/g,
    )) {
      count.passed += Number(passed);
      count.failed += Number(failed);
      count.skipped += Number(ignored);
    }
    return count;
  });
}

async function unitTests() {
  const tap = `${reports}/unit.tap`;
  const readable = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  const both = [...readable, '--test-reporter=tap', `--test-reporter-destination=${tap}`];
  return counted(run('npm', ['run', '--silent', 'test:unit', '--', ...both]), async () => {
    const report = await readFile(tap, 'utf8');
    const number = (/** @type {string} */ of) =>
      Number(report.match(new RegExp(`^# ${of} (\\d+)$`, 'm'))?.[1] ?? 0);
    return { passed: number('pass'), failed: number('fail'), skipped: number('skipped') };
  });
}

async function browserTests() {
  const json = `${reports}/browser.json`;
  const env = { CHROMIUM: await chromium(), PLAYWRIGHT_JSON_OUTPUT_NAME: path.join(root, json) };
  await rm(json, { force: true });
  const playwright = ['playwright', 'test', '-c', 'tests/browser', '--reporter=list,json'];
  return counted(run('npx', ['--no-install', ...playwright], { env }), async () => {
    const { stats } = JSON.parse(await readFile(json, 'utf8'));
    return {
      passed: stats.expected + stats.flaky,
      failed: stats.unexpected,
      skipped: stats.skipped,
    };
  });
}

/**
 * The count of a suite that ran, whether its tests passed or not. A suite that
 * failed without a failed test (it did not compile, say) has failed itself.
 * @param {Promise<string>} running
 * @param {(output: string) => Count | Promise<Count>} read
 */
async function counted(running, read) {
  let failure;
  const output = await running.catch((error) => {
    failure = error;
    return error instanceof CommandFailed ? error.output : '';
  });
  const count = await Promise.resolve(read(output)).catch(() => null);
  if (failure && !count?.failed) throw failure;
  if (!count) throw new StepFailed('its report cannot be read');
  return count;
}

/** @param {unknown} error */
function broken(error) {
  if (!(error instanceof StepFailed)) throw error;
  console.error(error.message);
  return { passed: 0, failed: 1, skipped: 0 };
}

await script(async () => {
  const part = process.argv[2];
  const chosen = suites.filter((suite) => part === undefined || suite.part === part);
  if (chosen.length === 0) throw new StepFailed(`there is no part "${part}": rust, js or browser`);
  const start = performance.now();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  await packages();
  await mkdir(reports, { recursive: true });
  for (const { name, work } of chosen) {
    console.log(`\n== ${name}`);
    const begun = performance.now();
    const count = (await work().catch(broken)) ?? { passed: 1, failed: 0, skipped: 0 };
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
    const verdict = count.failed > 0 ? 'FAILED' : 'ok    ';
    const figures = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
    lines.push(`${verdict}  ${name}: ${figures}, ${secondsSince(begun)}`);
    if (count.failed > 0) break;
  }
  console.log(`\n${lines.join('\n')}\n\nin ${secondsSince(start)}`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  if (total.failed > 0) process.exit(1);
});

/** `npm run build`: everything, from a fresh clone to a static site in dist/. */
import { pathToFileURL } from 'node:url';
import { script } from './lib/run.mjs';
import { secondsSince } from './lib/step.mjs';
import { fetchAssets, makeAssets } from './steps/assets.mjs';
import { packages } from './steps/packages.mjs';
import { packPage } from './steps/packed.mjs';
import { bundlePage } from './steps/page.mjs';
import { buildHelper, wasmTarget } from './steps/rust.mjs';
import { bindWasm, compileWasm } from './steps/wasm.mjs';

/** The sample photos and the weights: all that the native tests need of it. */
export async function buildAssets() {
  await packages();
  await Promise.all([buildHelper(), fetchAssets()]);
  await makeAssets();
}

/**
 * The parts that need no other part go side by side: the network fetches
 * while the compiler compiles.
 * @param {import('./steps/wasm.mjs').WasmSettings} [settings]
 */
export async function buildCore(settings) {
  await packages();
  await wasmTarget();
  const built = buildHelper();
  await Promise.all([
    Promise.all([built, fetchAssets()]).then(makeAssets),
    Promise.all([built, compileWasm(settings)]).then(() => bindWasm(settings)),
  ]);
}

/** @param {import('./steps/wasm.mjs').WasmSettings} [settings] */
export async function build(settings) {
  const start = performance.now();
  await buildCore(settings);
  await bundlePage(settings);
  // Who builds quickly looks at the page alone, and often.
  if (!settings?.quick) await packPage();
  console.log(`[build] dist/ is ready after ${secondsSince(start)}`);
}

/**
 * `--quick` and `--keep-names`, after `npm run build --` or `npm start --`.
 * @param {string[]} options
 */
export const settingsFrom = (options) => ({
  quick: options.includes('--quick'),
  keepNames: options.includes('--keep-names'),
});

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await script(() => build(settingsFrom(process.argv)));
}

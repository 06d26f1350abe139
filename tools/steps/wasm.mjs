/**
 * The core as WebAssembly, three times: cargo compiles each module, the helper
 * binds it to JavaScript. The results are www/wasm/cpu/, which every visitor
 * downloads, www/wasm/explore/, which further exhibits ask for, and
 * www/wasm/gpu/, all of that and a shader compiler, for those with a GPU.
 *
 * A quick build compiles one small module less, the explore module standing for the cpu module,
 * whose functions it has all; `npm start` also serves before the gpu module is compiled, with the
 * same stand-in.
 *
 * There is no wasm-opt: after link-time optimisation it takes a tenth off the
 * file, adds to what is downloaded (gzip), and takes minutes.
 */
import { copyFile, cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hashOf, root, sha256 } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { isDone, step } from '../lib/step.mjs';
import { helper } from './rust.mjs';

/** @typedef {'cpu' | 'explore' | 'gpu'} Module */

/** @type {Module[]} */
const MODULES = ['cpu', 'explore', 'gpu'];

/** What cargo is told of each. @type {Record<Module, string[]>} */
const FEATURES = {
  cpu: ['--no-default-features', '--features', 'compute'],
  explore: ['--no-default-features', '--features', 'explore'],
  gpu: [],
};

const NO_SHADERS = /^src\/(bin\/|web\/gpu|classifier\/gpu)/;

/** `lab` is native; each module has what its features say. @type {Record<Module, (file: string) => boolean>} */
const takes = {
  cpu: (file) => !NO_SHADERS.test(file) && !file.startsWith('src/web/explore'),
  explore: (file) => !NO_SHADERS.test(file),
  gpu: (file) => !file.startsWith('src/bin/'),
};

/**
 * Folders of their own: other uses of cargo neither wait for these builds nor undo them, and the
 * small modules are compiled in the core that the large one's linking leaves idle.
 * @param {Module} module
 * @param {WasmSettings} settings
 */
const folder = (module, { quick }) =>
  `${quick ? 'target/quick' : 'target/page'}${module === 'gpu' ? '' : '-cpu'}`;
/** Kept beside what cargo leaves, which the next module in the same folder replaces. */
const compiled = (/** @type {Module} */ module, /** @type {WasmSettings} */ settings) =>
  `${folder(module, settings)}/${module}/foolscope.wasm`;
const sources = ['src', 'Cargo.toml', 'Cargo.lock', '.cargo/config.toml', 'rust-toolchain.toml'];

/** Four files, which webpack finds by these names. */
const bound = ['foolscope.js', 'foolscope_bg.wasm', 'foolscope_simd128.wasm', 'foolscope.d.ts'];

/**
 * @typedef {object} WasmSettings
 * @property {boolean} [keepNames] keep function names, for a profile or a stack trace
 * @property {boolean} [quick] without link-time optimisation: a larger file, but a changed line of
 *   Rust is on the page after seconds
 * @property {boolean} [withoutGpu] of a quick build: the gpu module comes later
 */

/**
 * Whether a module is compiled of these very sources.
 * @param {Module} module
 * @param {WasmSettings} settings
 */
const isCompiled = async (module, settings) =>
  isDone(stepOf(module, settings), await compiledOf(module, settings));

/** What a module's compilation is called: both kinds of builds may be there. @param {Module} module @param {WasmSettings} settings */
const stepOf = (module, { quick }) => `wasm ${module}${quick ? ' quick' : ''}`;

/** Whether all modules are compiled of these very sources with link-time optimisation. */
export const isForPublication = async () =>
  (await Promise.all(MODULES.map((module) => isCompiled(module, {})))).every(Boolean);

/** Whether the gpu module is. @param {WasmSettings} settings */
export const hasGpu = (settings) => isCompiled('gpu', settings);

/** What is compiled for a module. @param {Module} module @param {WasmSettings} settings @returns {Module} */
const standIn = (module, { quick, withoutGpu }) =>
  quick && (module === 'cpu' || (module === 'gpu' && withoutGpu)) ? 'explore' : module;

/** @param {WasmSettings} [settings] */
export async function compileWasm(settings = {}) {
  const needed = new Set(MODULES.map((module) => standIn(module, settings)));
  const small = async () => {
    for (const module of needed) if (module !== 'gpu') await compile(module, settings);
  };
  await Promise.all([small(), needed.has('gpu') && compile('gpu', settings)]);
}

/**
 * Needs the compiled wasm and the helper.
 * @param {WasmSettings} [settings]
 */
export async function bindWasm(settings = {}) {
  /** @type {Map<Module, string>} */
  const done = new Map();
  for (const module of MODULES) {
    const of = standIn(module, settings);
    await bind(module, settings, done.get(of));
    done.set(of, boundFolder(module));
  }
}

const boundFolder = (/** @type {Module} */ module) => `www/wasm/${module}`;

/**
 * What a module's compilation depends on, and makes.
 * @param {Module} module
 * @param {WasmSettings} settings
 */
const compiledOf = async (module, settings) => ({
  key: `${await hashOf(sources, takes[module])} ${settings.quick ?? false}`,
  makes: [compiled(module, settings)],
});

/**
 * @param {Module} module
 * @param {WasmSettings} settings
 */
async function compile(module, settings) {
  const { quick = false } = settings;
  const how = {
    cpu: 'compiling the core for the browser, without the GPU',
    explore: 'compiling the core for the browser, for further exhibits',
    gpu: 'compiling the core for the browser (the first time some minutes)',
  }[module];
  await step(
    stepOf(module, settings),
    how,
    async () => {
      // Only a build of the cdylib alone is optimised at link time; with the
      // rlib beside it cargo leaves that out.
      const what = ['rustc', '--lib', '--crate-type', 'cdylib'];
      const profile = quick ? 'wasm-quick' : 'wasm';
      const target = ['--locked', '--profile', profile, '--target', 'wasm32-unknown-unknown'];
      const features = FEATURES[module];
      await run(
        'cargo',
        [...what, ...target, ...features, '--target-dir', folder(module, settings)],
        {
          behind: module !== 'gpu',
          advice: `the error is above; \`cargo clippy --lib --target wasm32-unknown-unknown ${features.join(' ')}\` says more.`,
        },
      );
      const left = `${folder(module, settings)}/wasm32-unknown-unknown/${profile}/foolscope.wasm`;
      const kept = path.join(root, compiled(module, settings));
      await mkdir(path.dirname(kept), { recursive: true });
      await copyFile(path.join(root, left), kept);
    },
    await compiledOf(module, settings),
  );
}

/**
 * @param {Module} module
 * @param {WasmSettings} settings
 * @param {string} [same] where another module is bound that is the same wasm
 */
async function bind(module, settings, same) {
  const wasm = compiled(standIn(module, settings), settings);
  const from = sha256(await readFile(path.join(root, wasm)));
  const names = settings.keepNames ? ['--keep-names'] : [];
  const how = await hashOf(['tools/foolscope-build', 'tools/steps/wasm.mjs']);
  const to = boundFolder(module);
  await step(
    `bindings ${module}`,
    `binding the ${module} module to JavaScript`,
    async () => {
      const fresh = path.join(root, 'target/bound');
      await rm(fresh, { recursive: true, force: true });
      if (same) await cp(path.join(root, same), fresh, { recursive: true });
      else await run(helper, ['bindgen', wasm, fresh, ...names], { quiet: true });
      await mkdir(path.join(root, 'www/wasm'), { recursive: true });
      await rm(path.join(root, to), { recursive: true, force: true });
      await rename(fresh, path.join(root, to));
    },
    {
      key: [from, how, ...names].join(' '),
      makes: bound.map((file) => `${to}/${file}`),
    },
  );
}

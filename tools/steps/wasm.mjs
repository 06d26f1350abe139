/**
 * The core as WebAssembly: cargo compiles it, the helper binds it to
 * JavaScript. The result is www/wasm/.
 *
 * There is no wasm-opt: after link-time optimisation it takes a tenth off the
 * file, adds to what is downloaded (gzip), and takes minutes.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hashOf, root, sha256 } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';
import { helper } from './rust.mjs';

/** `lab` is native. @param {string} file */
const isOurs = (file) => !file.startsWith('src/bin/');

/** A folder of its own for each kind of build: other uses of cargo neither wait for it nor undo it. */
const folder = (/** @type {WasmSettings} */ { quick }) => (quick ? 'target/quick' : 'target/page');
const compiled = (/** @type {WasmSettings} */ settings) =>
  `${folder(settings)}/wasm32-unknown-unknown/wasm/foolscope.wasm`;
const sources = ['src', 'Cargo.toml', 'Cargo.lock', '.cargo/config.toml', 'rust-toolchain.toml'];

/**
 * @typedef {object} WasmSettings
 * @property {boolean} [keepNames] keep function names, for a profile or a stack trace
 * @property {boolean} [quick] without link-time optimisation: a larger file, but a changed line of
 *   Rust is on the page after seconds
 */

/** @param {WasmSettings} [settings] */
export async function compileWasm(settings = {}) {
  const { quick = false } = settings;
  await step(
    'wasm',
    'compiling the core for the browser (the first time about ten minutes on two cores)',
    async () => {
      // Only a build of the cdylib alone is optimised at link time; with the
      // rlib beside it cargo leaves that out.
      const what = quick ? ['build', '--lib'] : ['rustc', '--lib', '--crate-type', 'cdylib'];
      const how = ['--locked', '--profile', 'wasm', '--target', 'wasm32-unknown-unknown'];
      await run('cargo', [...what, ...how, '--target-dir', folder(settings)], {
        advice:
          'the error is above; `cargo clippy --lib --target wasm32-unknown-unknown` says more.',
      });
    },
    { key: `${await hashOf(sources, isOurs)} ${quick}`, makes: [compiled(settings)] },
  );
}

/**
 * Needs the compiled wasm and the helper.
 * @param {WasmSettings} [settings]
 */
export async function bindWasm(settings = {}) {
  const wasm = compiled(settings);
  const from = sha256(await readFile(path.join(root, wasm)));
  const names = settings.keepNames ? ['--keep-names'] : [];
  const how = await hashOf(['tools/foolscope-build', 'tools/steps/wasm.mjs']);
  await step(
    'bindings',
    'binding the wasm to JavaScript',
    async () => {
      const fresh = path.join(root, 'target/bound');
      await rm(fresh, { recursive: true, force: true });
      await run(helper, ['bindgen', wasm, fresh, ...names], {
        quiet: true,
      });
      const out = path.join(root, 'www/wasm');
      await mkdir(path.dirname(out), { recursive: true });
      await rm(out, { recursive: true, force: true });
      await rename(fresh, out);
    },
    {
      key: [from, how, ...names].join(' '),
      makes: ['foolscope.js', 'foolscope_bg.wasm', 'foolscope_simd128.wasm', 'foolscope.d.ts'].map(
        (file) => `www/wasm/${file}`,
      ),
    },
  );
}

/**
 * The core as WebAssembly: cargo compiles it, the helper binds it to
 * JavaScript, wasm-opt makes it smaller. The result is www/wasm/.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hashOf, root, sha256 } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';
import { helper } from './rust.mjs';

const compiled = 'target/wasm32-unknown-unknown/wasm/foolscope.wasm';
const sources = ['src', 'Cargo.toml', 'Cargo.lock', '.cargo/config.toml', 'rust-toolchain.toml'];

/** What the compiler uses; wasm-opt must not take it for an error. */
const features = [
  '--enable-simd',
  '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-reference-types',
  '--enable-multivalue',
];
const optimise = ['-Os'];

export async function compileWasm() {
  await step(
    'wasm',
    'compiling the core for the browser (about 7 minutes on two cores, the first time)',
    async () => {
      const target = ['--target', 'wasm32-unknown-unknown', '--target-dir', 'target'];
      await run('cargo', ['build', '--locked', '--lib', '--profile', 'wasm', ...target], {
        advice:
          'the error is above; `cargo clippy --lib --target wasm32-unknown-unknown` says more.',
      });
    },
    { key: await hashOf(sources), makes: [compiled] },
  );
}

/**
 * Needs the compiled wasm and the helper.
 * @param {{ keepNames?: boolean }} [settings] keep function names, for a profile or a stack trace
 */
export async function bindWasm({ keepNames = false } = {}) {
  const from = sha256(await readFile(path.join(root, compiled)));
  const how = await hashOf(['tools/foolscope-build', 'tools/steps/wasm.mjs', 'package-lock.json']);
  await step(
    'bindings',
    'binding the wasm to JavaScript, and wasm-opt',
    async () => {
      const fresh = path.join(root, 'target/bound');
      await rm(fresh, { recursive: true, force: true });
      await run(helper, ['bindgen', compiled, fresh, ...(keepNames ? ['--keep-names'] : [])], {
        quiet: true,
      });
      const wasm = path.join(fresh, 'foolscope_bg.wasm');
      const names = keepNames ? ['-g'] : [];
      const wasmOpt = path.join(root, 'node_modules/binaryen/bin/wasm-opt');
      await run(process.execPath, [wasmOpt, wasm, '-o', wasm, ...optimise, ...names, ...features], {
        quiet: true,
      });
      const out = path.join(root, 'www/wasm');
      await mkdir(path.dirname(out), { recursive: true });
      await rm(out, { recursive: true, force: true });
      await rename(fresh, out);
    },
    {
      key: [from, how, keepNames].join(' '),
      makes: ['www/wasm/foolscope.js', 'www/wasm/foolscope_bg.wasm', 'www/wasm/foolscope.d.ts'],
    },
  );
}

/** Rust's wasm target, and the native helper of the build. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { hashOf, root } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';

const target = 'wasm32-unknown-unknown';
const missing = 'install Rust by rustup (https://rustup.rs), then start again.';

/** The native helper: it binds wasm to JavaScript and imports weights. */
export const helper = path.join(root, 'target/tools/release/foolscope-build');

export async function wasmTarget() {
  const sysroot = (await run('rustc', ['--print', 'sysroot'], { quiet: true, missing })).trim();
  if (existsSync(path.join(sysroot, 'lib/rustlib', target))) return;
  await step('wasm target', `rustup target add ${target}`, async () => {
    await run('rustup', ['target', 'add', target], {
      missing: `this Rust is not rustup's and has no ${target}; ${missing}`,
      advice: `see that this machine reaches Rust's downloads, or add the target ${target} by hand.`,
    });
  });
}

/** Built in the cores that the wasm build leaves idle. */
export async function buildHelper() {
  const sources = [
    'tools/foolscope-build',
    'src',
    'Cargo.toml',
    'Cargo.lock',
    'rust-toolchain.toml',
  ];
  await step(
    'build helper',
    'compiling tools/foolscope-build (native)',
    async () => {
      const manifest = 'tools/foolscope-build/Cargo.toml';
      const options = ['build', '--release', '--manifest-path', manifest];
      await run('cargo', [...options, '--target-dir', 'target/tools'], {
        quiet: true,
        behind: true,
        missing,
      });
    },
    { key: await hashOf(sources), makes: [path.relative(root, helper)] },
  );
}

/**
 * The example crate: the core as others use it, in a workspace of its own. It is built where the
 * core's tests were, with the same profile, so that the tensor library is not compiled again.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';

const profiles = 'target/profiles.toml';

/** Its own tests, and a run of it; says what it said. @returns {Promise<string>} */
export async function exampleCrate() {
  await writeProfiles();
  const crate = ['--manifest-path', 'examples/core/Cargo.toml', '--config', profiles];
  const where = ['--locked', ...crate, '--target-dir', 'target'];
  await run('cargo', ['fmt', '--check', '--manifest-path', 'examples/core/Cargo.toml']);
  await run('cargo', ['test', ...where]);
  const files = ['docs/live.jpg', 'www/models/lenet-mnist.safetensors', 'target/example.npy'];
  return run('cargo', ['run', '--quiet', ...where, '--', ...files], { quiet: true });
}

/** A workspace takes no profiles from another; as settings they are taken. */
async function writeProfiles() {
  const manifest = await readFile(path.join(root, 'Cargo.toml'), 'utf8');
  const tables = manifest.split(/^(?=\[)/m).filter((table) => table.startsWith('[profile.dev'));
  await mkdir(path.join(root, 'target'), { recursive: true });
  await writeFile(path.join(root, profiles), tables.join(''));
}

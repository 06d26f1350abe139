/** The crate as it would be published: what is in it, and that nothing of it is only here. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/files.mjs';
import { run } from '../../tools/lib/run.mjs';

/** A quarter of what a registry takes. */
const MOST_BYTES = 2_500_000;

/** @param {string[]} options */
const cargo = (...options) => run('cargo', options, { quiet: true });

test('the package holds the sources, and not the page, the tests and the build', async () => {
  const list = await cargo('package', '--list', '--allow-dirty', '--offline');
  const files = list.trim().split('\n');
  const made = ['.cargo_vcs_info.json', 'Cargo.lock', 'Cargo.toml', 'Cargo.toml.orig'];
  const beside = ['CHANGELOG.md', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', ...made];
  assert.deepEqual(
    files.filter((file) => !file.startsWith('src/') && !beside.includes(file)),
    [],
  );
  for (const file of ['src/lib.rs', 'src/bin/lab/main.rs', 'LICENSE-MIT']) {
    assert.ok(files.includes(file), file);
  }
  let bytes = 0;
  for (const file of files)
    if (!made.includes(file)) bytes += (await stat(path.join(root, file))).size;
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
});

test('it can be added to another crate: nothing from a path, and lab’s packages only with lab', async () => {
  const text = await cargo('metadata', '--no-deps', '--offline', '--format-version', '1');
  /** @typedef {{ name: string, rename: string | null, source: string | null, path?: string, req: string, optional: boolean, kind: string | null }} Dependency */
  /** @type {{ dependencies: Dependency[], features: Record<string, string[]>, publish: string[] | null }} */
  const foolscope = JSON.parse(text).packages[0];
  const { dependencies, features, publish } = foolscope;
  assert.equal(publish, null, 'it may be published');
  for (const { name, source, path: where, req } of dependencies) {
    assert.match(source ?? '', /^registry\+/, name);
    assert.ok(!where && req !== '*', name);
  }
  const optional = (/** @type {string} */ name) =>
    dependencies
      .filter((each) => each.name === name && each.kind === null)
      .every((each) => each.optional);
  const own = features.lab.filter((each) => each.startsWith('dep:')).map((each) => each.slice(4));
  assert.ok(own.includes('clap'));
  for (const name of own) assert.ok(optional(name), name);
  for (const [feature, needs] of Object.entries(features)) {
    if (['lab', 'default'].includes(feature)) continue;
    assert.ok(
      !needs.includes('lab') && !own.some((name) => needs.includes(`dep:${name}`)),
      feature,
    );
  }
});

/**
 * What each package of a build is built with.
 * @param {string[]} options of `cargo tree`
 * @returns {Promise<Map<string, Set<string>>>}
 */
async function featuresIn(...options) {
  const plain = ['--locked', '--prefix', 'none', '--format', '{p}|{f}'];
  const built = new Map();
  for (const line of (await cargo('tree', ...plain, ...options)).trim().split('\n')) {
    const [name, features] = line.replace(/ \(\*\)$/, '').split('|');
    if (!built.has(name)) built.set(name, new Set());
    built.get(name).add(features.trim());
  }
  return built;
}

test('lab, the tests and the example crate are one build of the dependencies', async () => {
  const lab = await featuresIn('--edges', 'normal,build');
  assert.ok(lab.size > 200, `${lab.size} packages`);
  const builds = {
    tests: await featuresIn('--edges', 'normal,build,dev'),
    example: await featuresIn('--manifest-path', 'examples/core/Cargo.toml'),
  };
  for (const [of, built] of Object.entries(builds)) {
    for (const [name, features] of lab) {
      assert.deepEqual(built.get(name), features, `${name}, of the ${of}`);
    }
  }
});

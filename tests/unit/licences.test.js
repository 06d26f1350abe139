/**
 * What `cargo deny` and `npm audit` would say as far as it needs no network: whose licence each
 * package has, that each is pinned by what is in it, and that none comes from elsewhere.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/files.mjs';
import { run } from '../../tools/lib/run.mjs';

/** @typedef {{ id: string, name: string, version: string, license: string | null, source: string | null }} Crate */

const read = (/** @type {string} */ file) => readFile(path.join(root, file), 'utf8');

/** Ours to take: as deny.toml has them. */
async function allowed() {
  const [, list] = (await read('deny.toml')).match(/^allow = \[([^\]]*)\]/m) ?? [];
  return [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
}

/** What deny.toml knows of crates whose manifests say nothing. */
async function clarified() {
  const text = await read('deny.toml');
  const all = text.matchAll(/^crate = "(.+)"\nexpression = "(.+)"/gm);
  return new Map([...all].map(([, name, licence]) => [name, licence]));
}

/** Whether one may take it: an expression of names, AND, OR and brackets. */
function mayTake(/** @type {string} */ licence, /** @type {string[]} */ names) {
  const flat = licence.replaceAll(/\s*\/\s*/g, ' OR ');
  const inner = flat.match(/\(([^()]*)\)/);
  if (inner) {
    const may = mayTake(inner[1], names);
    return mayTake(flat.replace(inner[0], may ? 'YES' : 'NO'), names);
  }
  const one = (/** @type {string} */ name) => name === 'YES' || names.includes(name.trim());
  return flat.split(' OR ').some((all) => all.split(' AND ').every(one));
}

test('an expression of licences is read as it is meant', () => {
  const may = (/** @type {string} */ text) => mayTake(text, ['MIT', 'ISC']);
  assert.ok(may('MIT') && may('GPL-3.0/MIT') && may('GPL-3.0 OR MIT') && may('MIT AND ISC'));
  assert.ok(may('(GPL-3.0 OR MIT) AND ISC'));
  assert.ok(!may('GPL-3.0') && !may('MIT AND GPL-3.0') && !may('(MIT OR ISC) AND GPL-3.0'));
});

for (const target of ['x86_64-unknown-linux-gnu', 'wasm32-unknown-unknown']) {
  test(`every crate for ${target} may be used, and is from the registry`, async (context) => {
    const only = ['--locked', '--offline', '--filter-platform', target, '--format-version', '1'];
    const text = await run('cargo', ['metadata', ...only], { quiet: true }).catch((error) => error);
    if (typeof text !== 'string') {
      // Those of another machine's kind are not there without a network.
      return context.skip(`its crates are not on this machine: ${text.message.slice(0, 200)}`);
    }
    /** @type {{ packages: Crate[], resolve: { nodes: { id: string }[] } }} */
    const { packages, resolve } = JSON.parse(text);
    const used = new Set(resolve.nodes.map(({ id }) => id));
    const [names, known] = [await allowed(), await clarified()];
    const crates = packages.filter(({ id, name }) => used.has(id) && name !== 'foolscope');
    assert.ok(crates.length > 100);
    for (const { name, version, license, source } of crates) {
      assert.match(source ?? '', /^registry\+/, `${name} ${version} is from elsewhere`);
      const licence = license ?? known.get(name) ?? '';
      assert.ok(mayTake(licence, names), `${name} ${version}: ${licence}`);
    }
  });
}

for (const folder of ['', 'tools/foolscope-build/', 'examples/core/', 'fuzz/']) {
  test(`cargo deny allows ${folder || 'the core'}`, async (context) => {
    // Some of it is of one folder only; what is there twice is a warning by deny.toml.
    const quiet = ['license-not-encountered', 'license-exception-not-encountered', 'duplicate'];
    const lists = ['--manifest-path', `${folder}Cargo.toml`, '--config', 'deny.toml'];
    const only = [...quiet.flatMap((name) => ['-A', name]), 'licenses', 'bans', 'sources'];
    const said = run('cargo-deny', ['--offline', ...lists, 'check', ...only], { quiet: true });
    const why = await said.then(
      () => '',
      (error) => error.message,
    );
    if (/there is no program|offline mode/.test(why)) {
      return context.skip('cargo-deny is not installed, or not every crate is here');
    }
    assert.equal(why, '');
  });
}

test('every npm package has a licence that may be used, and is pinned by its hash', async () => {
  const names = [...(await allowed()), 'BlueOak-1.0.0', 'CC-BY-4.0', 'Unlicense'];
  /** @type {Record<string, { license?: string, integrity?: string, resolved?: string }>} */
  const packages = JSON.parse(await read('package-lock.json')).packages;
  const theirs = Object.entries(packages).filter(([where]) => where);
  assert.ok(theirs.length > 100);
  for (const [where, { license, integrity, resolved }] of theirs) {
    assert.match(integrity ?? '', /^sha512-/, where);
    assert.ok(mayTake(license ?? '', names), `${where}: ${license}`);
    assert.ok(!resolved, `${where} is from an address of its own`);
  }
});

test('what the page is made of has versions that do not move', async () => {
  const { dependencies, devDependencies } = JSON.parse(await read('package.json'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
  }
});

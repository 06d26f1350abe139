/**
 * The engine as an npm package, in target/package/: our modules as they are, so that bundlers and
 * browsers find worker and wasm by the addresses in them, with their types; and the two libraries
 * that they import. A worker knows no import map: it must find these by path.
 */
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hashOf, root } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { step, StepFailed } from '../lib/step.mjs';

export const packageFolder = 'target/package';

const from = (/** @type {string[]} */ ...parts) => path.join(root, ...parts);
const to = (/** @type {string[]} */ ...parts) => path.join(root, packageFolder, ...parts);

/** Bundled to one file each. */
const LIBRARIES = ['comlink', 'image-size'];
const MODULES = /** @type {const} */ (['cpu', 'explore', 'gpu']);
/** Of what helps to make the page only. */
const OURS_ALONE = /tsconfig|program-bytes\.d\.ts$/;

export async function packEngine() {
  const sources = [
    ...['www/engine', 'www/words/engine.js', 'www/words/common.js', 'www/wasm'],
    ...['tools/package', 'tools/steps/package.mjs', 'package.json', 'package-lock.json'],
    ...['LICENSE-MIT', 'LICENSE-APACHE'],
  ];
  await step(
    'package',
    `the engine as an npm package, in ${packageFolder}/`,
    async () => {
      await rm(to(), { recursive: true, force: true });
      await copyWasm();
      await copyScripts();
      await copyLibraries();
      await writeTypes();
      await describe();
      await checkImports();
    },
    { key: await hashOf(sources), makes: [`${packageFolder}/package.json`] },
  );
}

async function copyWasm() {
  for (const module of MODULES) {
    await cp(from('www/wasm', module), to('wasm', module), { recursive: true });
    const types = to('wasm', module, 'foolscope.d.ts');
    const text = await readFile(types, 'utf8');
    // Not everybody's compiler knows it, and nobody outside holds such an object.
    await writeFile(types, text.replaceAll(/^ *\[Symbol\.dispose\]\(\): void;\n/gm, ''));
  }
}

async function copyScripts() {
  await mkdir(to('engine'), { recursive: true });
  await mkdir(to('words'), { recursive: true });
  const engine = (await readdir(from('www/engine'))).filter((file) => !OURS_ALONE.test(file));
  const files = [...engine.map((file) => `engine/${file}`), 'words/engine.js', 'words/common.js'];
  const sizes = Object.fromEntries(
    await Promise.all(
      MODULES.map(async (module) => [
        module,
        (await stat(from('www/wasm', module, 'foolscope_bg.wasm'))).size,
      ]),
    ),
  );
  for (const file of files) {
    let text = await readFile(from('www', file), 'utf8');
    for (const library of LIBRARIES) {
      text = text.replaceAll(`from '${library}'`, `from '../vendor/${library}.js'`);
    }
    // A bundler's constant for the page; here there is none to put it in.
    text = text.replaceAll(/PROGRAM_BYTES\b/g, `(${JSON.stringify(sizes)})`);
    await writeFile(to(file), text);
  }
}

async function copyLibraries() {
  const { default: webpack } = await import('webpack');
  const compiler = webpack({
    mode: 'production',
    context: root,
    entry: Object.fromEntries(LIBRARIES.map((library) => [library, library])),
    experiments: { outputModule: true },
    output: { path: to('vendor'), filename: '[name].js', library: { type: 'module' } },
  });
  await new Promise((resolve, reject) =>
    compiler.run((error, stats) => {
      const why = error ?? (stats?.hasErrors() ? new StepFailed(stats.toString()) : null);
      compiler.close(() => (why ? reject(why) : resolve(undefined)));
    }),
  );
  for (const library of LIBRARIES) {
    await cp(from('node_modules', library, 'LICENSE'), to('vendor', `LICENSE-${library}`));
  }
  // Of the two, only this one is seen in our types.
  const types = 'node_modules/comlink/dist/esm';
  const comlink = await readFile(from(types, 'comlink.d.ts'), 'utf8');
  await writeFile(to('vendor/comlink.d.ts'), comlink.replaceAll('"./protocol"', '"./protocol.js"'));
  await cp(from(types, 'protocol.d.ts'), to('vendor/protocol.d.ts'));
}

/** From the comments in our modules. */
async function writeTypes() {
  const tsc = 'node_modules/typescript/bin/tsc';
  await run(process.execPath, [tsc, '-p', 'tools/package/tsconfig.json'], { quiet: true });
  for (const folder of ['engine', 'words']) {
    for (const file of await readdir(to(folder))) {
      if (!file.endsWith('.d.ts')) continue;
      const text = await readFile(to(folder, file), 'utf8');
      await writeFile(
        to(folder, file),
        text.replaceAll("from 'comlink'", "from '../vendor/comlink.js'"),
      );
    }
  }
  const calls = "export * from './engine/engine.js';\n";
  await writeFile(to('index.js'), calls);
  await writeFile(to('index.d.ts'), `${calls}export type * from './engine/types.js';\n`);
}

async function describe() {
  const { name, version, license } = JSON.parse(await readFile(from('package.json'), 'utf8'));
  const given = JSON.parse(await readFile(from('tools/package/package.json'), 'utf8'));
  const whole = { name, version, license, ...given };
  await writeFile(to('package.json'), `${JSON.stringify(whole, null, 2)}\n`);
  await cp(from('tools/package/README.md'), to('README.md'));
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) await cp(from(file), to(file));
}

/** Whatever is imported must be there: by path, since nothing else is known to a worker. */
async function checkImports() {
  for (const folder of ['engine', 'words', ...MODULES.map((module) => `wasm/${module}`)]) {
    for (const file of await readdir(to(folder))) {
      if (!/\.(js|d\.ts)$/.test(file)) continue;
      const text = await readFile(to(folder, file), 'utf8');
      const named = [
        ...text.matchAll(/(?:\bfrom|(?<!#)\bimport\()\s*['"]([^'"]+)['"]/g),
        ...text.matchAll(/new URL\(\s*['"]([^'"]+)['"],\s*import\.meta/g),
      ];
      for (const [, name] of named) {
        const there = /^\.{0,2}\/?[\w./-]+$/.test(name) && (await exists(to(folder, name)));
        if (!there)
          throw new StepFailed(`${folder}/${file} imports "${name}", which the package lacks`);
      }
    }
  }
}

/** Of a script, its types will do. @param {string} file */
const exists = (file) =>
  stat(file)
    .catch(() => stat(file.replace(/\.js$/, '.d.ts')))
    .then(
      () => true,
      () => false,
    );

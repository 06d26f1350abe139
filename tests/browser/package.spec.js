/**
 * The engine as an npm package, in a folder that knows nothing of this repository: examples/npm,
 * with the packed file installed there, built by Vite and by webpack, and as it is. Each says what
 * the page's own engine says.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createServer } from 'vite';
import { serve } from '../../tools/lib/serve.mjs';
import { packageFolder, packEngine } from '../../tools/steps/package.mjs';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = (/** @type {string} */ file) => path.join(root, 'node_modules', file);

let folder = '';
/** @type {{ address: string, close: () => void }} */
let site;
/** What the page's own engine says. */
let expected = '';

/** @param {string} program @param {string[]} options */
const inFolder = (program, ...options) =>
  promisify(execFile)(program, options, { cwd: folder, timeout: 100_000 }).catch((error) => {
    throw new Error(`${error.message}\n${error.stdout}`);
  });

test.beforeAll(async () => {
  await packEngine();
  folder = await mkdtemp(path.join(os.tmpdir(), 'foolscope-npm-'));
  await cp(path.join(root, 'examples/npm'), folder, {
    recursive: true,
    filter: (file) => !/node_modules|dist-|foolscope$|lock/.test(path.relative(root, file)),
  });
  const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { stdout } = await inFolder('npm', 'pack', path.join(root, packageFolder), '--json');
  const [packed] = Object.values(JSON.parse(stdout));
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await inFolder('npm', 'install', ...quiet, `./${packed.filename}`);
  await symlink(path.join(root, 'dist'), path.join(folder, 'foolscope'));
  // The same page, with what the site itself is made of.
  const plain = await readFile(path.join(folder, 'plain.html'), 'utf8');
  const ours = plain.replace('./node_modules/foolscope/index.js', './foolscope/engine.js');
  await writeFile(path.join(folder, 'ours.html'), ours);
  // Other people's pages have import maps in them.
  site = await serve(folder, { policy: '' });
});

test.afterAll(async () => {
  site?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test.beforeEach(({ provokes }) => {
  // Its own server, on this machine too.
  provokes(/^request to http:\/\/(127\.0\.0\.1|localhost):/);
});

/** @param {Page} page @param {string} url */
async function saidBy(page, url) {
  await page.goto(`${url}?assets=${new URL('/foolscope/', url).href}`);
  const output = page.getByRole('status');
  await expect(output).not.toHaveText('Loading …');
  return output.innerText();
}

/** @param {Page} page */
async function sameAsPage(page, /** @type {string} */ url) {
  expected ||= await saidBy(page, `${site.address}ours.html`);
  expect(expected).toMatch(
    /^espresso; with a noise \d+\.\d\d grey levels long (?!espresso)\w.*; random/,
  );
  expect(await saidBy(page, url)).toBe(expected);
}

test('without a bundler', async ({ page }) => {
  await sameAsPage(page, `${site.address}plain.html`);
});

test('a weights file by its own address', async ({ page }) => {
  await page.goto(`${site.address}plain.html?assets=/foolscope/`);
  const [own, theirs] = await page.evaluate(async (name) => {
    const { createEngine } = await import(name);
    const answers = [];
    for (const from of [
      { weights: 'foolscope/models/lenet-mnist.safetensors', assets: '/nowhere/' },
      { assets: '/foolscope/' },
    ]) {
      const engine = await createEngine({ network: 'lenet-mnist', device: 'cpu', ...from });
      const picture = await engine.loadPicture('/foolscope/samples/coffee.png');
      answers.push([...(await engine.logits(picture))]);
      engine.dispose();
    }
    return answers;
  }, 'foolscope');
  expect(own).toHaveLength(10);
  expect(own).toEqual(theirs);
});

test('the five calls that docs/api.md shows', async ({ page }) => {
  await page.goto(`${site.address}plain.html?assets=/foolscope/`);
  const found = await page.evaluate(async (script) => {
    const { adversarial, again, counted, grown, link, name, norms } = await import(script);
    const saved = new Uint8Array(await (await fetch(link.href)).arrayBuffer());
    const off = again.map((/** @type {number} */ value, /** @type {number} */ at) =>
      Math.abs(value - grown.perturbation[at]),
    );
    return {
      names: [name, adversarial.top[0].name],
      l2: norms.l2,
      fooled: counted.fooled,
      largest: grown.norms.linf,
      kind: String.fromCharCode(...saved.subarray(1, 6)),
      off: Math.max(...off),
    };
  }, './five-calls.js');
  expect(found.names[1]).not.toBe(found.names[0]);
  expect(found.l2).toBeGreaterThan(0);
  expect(found.fooled).toBeGreaterThan(0);
  expect(found.largest).toBeCloseTo(10, 3);
  expect(found.kind).toBe('NUMPY');
  expect(found.off).toBe(0);
});

test('by webpack', async ({ page }) => {
  await inFolder(process.execPath, tool('webpack/bin/webpack.js'));
  await sameAsPage(page, `${site.address}webpack.html`);
});

test('by Vite', async ({ page }) => {
  await inFolder(process.execPath, tool('vite/bin/vite.js'), 'build');
  await sameAsPage(page, `${site.address}dist-vite/index.html`);
});

test('by Vite, while one develops', async ({ page }) => {
  const proxy = { '/foolscope/': site.address };
  const server = await createServer({
    root: folder,
    configFile: path.join(folder, 'vite.config.js'),
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, proxy },
  });
  try {
    await server.listen();
    const [url] = server.resolvedUrls?.local ?? [];
    await sameAsPage(page, `${url}index.html`);
  } finally {
    await server.close();
  }
});

test('its types', async () => {
  const use = `
    import { createEngine, EngineError, type Found, type Picture } from 'foolscope';
    const engine = await createEngine({ weights: '/a.safetensors', onProgress: ({ stage }) => stage });
    const picture: Picture = await engine.loadPicture(new Blob([]));
    const found: Found = await engine.deepfool(picture, { target: 3 });
    const length: number = found.norms.l2;
    // @ts-expect-error There is no such option.
    await engine.deepfool(picture, { tarrget: 3 });
    export { EngineError, length };`;
  await writeFile(path.join(folder, 'use.ts'), use);
  for (const how of ['bundler', 'nodenext']) {
    const module = how === 'bundler' ? 'esnext' : how;
    const options = [
      '--strict',
      '--noEmit',
      '--target',
      'es2023',
      '--lib',
      'es2023,dom,dom.iterable',
    ];
    const resolution = ['--module', module, '--moduleResolution', how, '--types', ''];
    await inFolder(
      process.execPath,
      tool('typescript/bin/tsc'),
      ...options,
      ...resolution,
      'use.ts',
    );
  }
});

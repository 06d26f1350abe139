/** The lists of CONTRIBUTING.md are of files that there are, and that do know what the list is of. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { filesUnder, root } from '../../tools/lib/files.mjs';

const read = (/** @type {string} */ file) => readFile(path.join(root, file), 'utf8');

/** Each list with what it is of: "As `name` …:", then "- `file`: why". */
async function lists() {
  const text = await read('CONTRIBUTING.md');
  return text
    .split(/^(?=[^-\n]*\bas `\w+`[^\n]*:$)/im)
    .slice(1)
    .map((part) => {
      const [, name = ''] = part.match(/\bas `(\w+)`/i) ?? [];
      const [list] = part.split(/\n\n(?!- )/).slice(0, 1);
      return { name, files: [...list.matchAll(/^- `([^`]+)`/gm)].map(([, file]) => file) };
    });
}

/** Parts of a name, however it is written: `fast_gradient`, `fastGradient`, `FastGradient`. */
const pattern = (/** @type {string} */ name) =>
  new RegExp(
    name
      .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
      .split('_')
      .join('_?'),
    'i',
  );

test('each list names files that speak of its example', async () => {
  const found = await lists();
  assert.deepEqual(
    found.map(({ name }) => name),
    ['fast_gradient', 'smallestPatch', 'occlusion', 'sections', 'vgg_f', 'changes', 'burnpack'],
  );
  for (const { name, files } of found) {
    assert.ok(files.length >= 2, name);
    for (const file of files) assert.match(`${file} ${await read(file)}`, pattern(name), file);
  }
});

test('no list lacks a file of the core that speaks of its example', async () => {
  const found = await lists();
  for (const [name, folder] of [
    ['vgg_f', 'src/classifier'],
    ['burnpack', 'src/classifier/weights'],
  ]) {
    const files = found.find((list) => list.name === name)?.files ?? [];
    for (const file of await filesUnder([folder])) {
      if (!file.endsWith('.rs') || files.includes(file)) continue;
      // Where files of other people's networks are told apart, they are named too.
      if (file.endsWith('import/named.rs')) continue;
      assert.doesNotMatch(await read(file), new RegExp(`${name}\\b`), `${name}: ${file}`);
    }
  }
});

test('the map names folders that there are', async () => {
  const map = await read('docs/architecture.md');
  const named = [...map.matchAll(/`((?:src|www|tools|tests)\/[\w./-]+)`/g)].map(([, file]) => file);
  assert.ok(named.length > 8);
  for (const file of named) assert.ok((await filesUnder([file])).length > 0, file);
});

/**
 * What TypeScript makes of the engine's comments, read line by line: its compiler writes each
 * member at one depth, so that a parser of whole TypeScript is not needed.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';

/** @typedef {{ name: string, signature: string, comment: string[] }} Member */
/** @typedef {{ name: string, comment: string[], members: Member[] }} Class */

/**
 * The declarations of each of the engine's modules, as the compiler writes them.
 * @param {string[]} modules
 * @returns {Promise<Map<string, string>>}
 */
export async function declared(modules) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'foolscope-api-'));
  try {
    const tsc = [
      'node_modules/typescript/bin/tsc',
      ...['-p', 'tools/package/tsconfig.json'],
      ...['--outDir', folder],
    ];
    await run(process.execPath, tsc, { quiet: true });
    const texts = modules.map((module) =>
      readFile(path.join(folder, 'engine', `${module}.d.ts`), 'utf8'),
    );
    return new Map((await Promise.all(texts)).map((text, index) => [modules[index], text]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Types by name, of files in which people or the wasm's maker wrote them.
 * @param {string[]} files
 */
export async function typesIn(files) {
  /** @type {Map<string, string>} */
  const types = new Map();
  /** What is imported under another name. @type {Map<string, string>} */
  const aliases = new Map();
  for (const file of files) {
    const text = await readFile(path.join(root, file), 'utf8');
    for (const { name, signature, comment } of statements(text, 0)) {
      if (!/^export (interface|type) \w/.test(signature) || types.has(name)) continue;
      types.set(name, [...asComment(comment), signature.replace('export ', '')].join('\n'));
    }
    for (const [, from, to] of text.matchAll(/^ {2}(\w+) as (\w+),$/gm)) aliases.set(to, from);
  }
  return { types, aliases };
}

/** The functions that a module exports. @param {string} text @returns {Member[]} */
export const functionsIn = (text) =>
  statements(text, 0)
    .filter(({ signature }) => signature.startsWith('export declare function'))
    .map((each) => ({ ...each, signature: each.signature.replace('export declare ', '') }));

/** A class with what everybody may call. @param {string} text @param {string} name @returns {Class} */
export function classIn(text, name) {
  const whole = statements(text, 0).find((each) => each.signature.includes(` class ${name} `));
  if (!whole) throw new Error(`there is no class ${name}`);
  const members = statements(whole.signature.split('\n').slice(1, -1).join('\n'), 4);
  return {
    name,
    comment: whole.comment,
    members: members.filter(({ signature }) => !/^(protected|#|constructor)/.test(signature)),
  };
}

/**
 * The statements at one depth, each with the comment before it.
 * @param {string} text
 * @param {number} depth in spaces
 * @returns {Member[]}
 */
function statements(text, depth) {
  const found = [];
  const indent = ' '.repeat(depth);
  /** @type {string[]} */
  let comment = [];
  /** @type {string[]} */
  let open = [];
  let commented = false;
  for (const whole of text.split('\n')) {
    const line = whole.startsWith(indent) ? whole.slice(depth) : whole;
    if (!open.length && (commented || line.startsWith('/**'))) {
      comment = line.startsWith('/**') ? [line] : [...comment, line];
      commented = !line.includes('*/');
      continue;
    }
    if (!open.length && !line.trim()) continue;
    open.push(line);
    if (!/^\S.*;$|^\}$|\{\}$/.test(line)) continue;
    const signature = open.join('\n');
    const [, name = ''] =
      signature.match(/(?:function|class|interface|type|get|const) (\w+)/) ??
      signature.match(/^(\w+)/) ??
      [];
    found.push({ name, signature, comment: plain(comment) });
    [open, comment] = [[], []];
  }
  return found;
}

/** A comment without its stars. @param {string[]} lines */
const plain = (lines) =>
  lines
    .map((line) => line.replace(/^\s*\/\*\*\s?|\s*\*\/$/g, '').replace(/^\s*\*\s?/, ''))
    .join('\n')
    .trim()
    .split('\n');

/** @param {string[]} lines */
const asComment = (lines) => {
  if (!lines.join('')) return [];
  if (lines.length === 1) return [`/** ${lines[0]} */`];
  return ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'];
};

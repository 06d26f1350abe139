/** `docs/api.md`: the engine's calls and types, with five examples that the browser tests run. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import { root } from '../lib/files.mjs';
import { classIn, declared, functionsIn, typesIn } from './declarations.mjs';

/** @import { Class, Member } from './declarations.mjs' */

export const apiFile = 'docs/api.md';

/** The engine's layers, from the top, in the order in which one meets them. */
const LAYERS = [
  { module: 'engine', name: 'Engine', title: 'The engine' },
  { module: 'asking', name: 'Asking', title: 'What it knows' },
  { module: 'answers', name: 'Answers', title: 'Pictures and answers' },
  { module: 'searches', name: 'Searches', title: 'One picture' },
  { module: 'growing', name: 'Growing', title: 'Many pictures' },
  { module: 'noises', name: 'Noises', title: 'Perturbations' },
  { module: 'own', name: 'Own', title: 'Networks of one’s own' },
  { module: 'import', name: 'NetworkImport', title: 'A network on its way in' },
];

const OURS = 'www/engine/types.d.ts';
const WASM = ['www/wasm/cpu/foolscope.d.ts', 'www/wasm/explore/foolscope.d.ts'];

export async function apiPage() {
  const texts = await declared([...LAYERS.map(({ module }) => module), 'errors']);
  const text = (/** @type {string} */ module) => /** @type {string} */ (texts.get(module));
  const classes = LAYERS.map(({ module, name, title }) => {
    const { members, ...of } = classIn(text(module), name);
    // What only the engine calls says so.
    return {
      ...of,
      title,
      members: members.filter(({ comment }) => !/Called once/.test(comment.join())),
    };
  });
  const functions = functionsIn(text('engine'));
  const errors = classIn(text('errors'), 'EngineError');
  const calls = [...functions, ...classes.flatMap(({ members }) => members), ...errors.members];
  const page = [
    '# The engine’s calls',
    '',
    'Made from the comments and types in `www/engine` by `npm run api`. The engine is `engine.js` in `dist/`, or the npm',
    'package that `npm run pack` makes. Pixels are in [0, 1], norms in grey levels (0 to 255), tensors planar [C, H, W].',
    'A call that fails throws an `EngineError`, whose message is one sentence for people.',
    '',
    ...(await examples()),
    '## Making an engine',
    '',
    ...functions.flatMap(described),
    ...classes.flatMap(section),
    '## Errors',
    '',
    ...errors.comment,
    '',
    ...errors.members.flatMap(described),
    '## Types',
    '',
    ...(await types(calls)),
  ];
  return format(page.join('\n'), {
    parser: 'markdown',
    printWidth: 120,
    singleQuote: true,
    proseWrap: 'preserve',
  });
}

/** @param {Class & { title: string }} of */
const section = ({ title, comment, members }) => [
  `## ${title}`,
  '',
  ...(/^@import/.test(comment[0]) ? [] : comment.map(unlinked)),
  '',
  ...members.flatMap(described),
];

/** @param {Member} of */
function described({ name, signature, comment }) {
  const { words, notes } = said(comment);
  return [`### \`${name}\``, '', ...words, '', '```ts', signature, '```', '', ...notes, ''];
}

/**
 * A comment's words, and what it says of single arguments; their types stand in the signature.
 * @param {string[]} comment
 */
function said(comment) {
  const [words = '', ...tags] = unlinked(comment.join('\n')).split(
    /(?:^|\s)@(?=param|returns|type|template|protected)/,
  );
  const notes = tags.flatMap((tag) => {
    const [, kind, , name, note] =
      tag.match(/^(param|returns)\s+(\{(?:[^{}]|\{[^{}]*\})*\})\s*(\[?[\w.]+\]?)?([^]*)$/) ?? [];
    if (kind === 'param' && note?.trim())
      return [`- \`${name.replace(/[[\]]/g, '')}\`: ${flat(note)}`];
    const given = flat(`${name ?? ''}${note ?? ''}`);
    return kind === 'returns' && given ? [`- Gives ${given}`] : [];
  });
  return { words: words.trim().split('\n'), notes };
}

const flat = (/** @type {string} */ text) => text.replace(/\s+/g, ' ').trim();
const unlinked = (/** @type {string} */ text) =>
  text.replace(/\{@link (?:Engine\.)?([\w.]+)\}/g, '`$1`');

/** Every type that a call names, and those that these name. @param {Member[]} calls */
async function types(calls) {
  const ours = await typesIn([OURS]);
  const theirs = await typesIn(WASM);
  /** @type {Map<string, string>} */
  const found = new Map();
  const look = (/** @type {string} */ text) => {
    for (const [name] of text.replace(/\/\*\*[^]*?\*\//g, '').matchAll(/\b[A-Z]\w+\b/g)) {
      if (found.has(name)) continue;
      const from = ours.aliases.get(name) ?? name;
      const type =
        ours.types.get(name) ?? theirs.types.get(from)?.replace(` ${from} {`, ` ${name} {`);
      if (!type) continue;
      found.set(name, type);
      look(type);
    }
  };
  look(calls.map(({ signature }) => signature).join('\n'));
  const sorted = [...found].sort(([a], [b]) => a.localeCompare(b)).map(([, text]) => text);
  return ['```ts', sorted.join('\n\n'), '```', ''];
}

/** The five calls that people come for, out of the file that the tests run. */
async function examples() {
  const text = await readFile(path.join(root, 'examples/npm/five-calls.js'), 'utf8');
  const [, ...parts] = text.split(/^\/\/ ## /m);
  return parts.flatMap((part) => {
    const [title, ...code] = part.split('\n');
    const shown = code.filter((line) => !line.startsWith('export {')).join('\n');
    return [`## ${title}`, '', '```js', shown.trim(), '```', ''];
  });
}

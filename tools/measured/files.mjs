/** The tables in www/results, and the README and its plots that are made from them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../lib/files.mjs';
import { plots, section } from './section.mjs';

const [begin, end] = ['<!-- measured -->', '<!-- /measured -->'];

/** What the files should say, by name. @returns {Promise<Record<string, string>>} */
export async function files() {
  /** @type {import('./section.mjs').Measured} */
  const measured = {
    robustness: await table('robustness'),
    semiRandom: await table('semi-random'),
    universal: await table('universal'),
    transfer: await table('transfer'),
    byPictures: await table('universal-by-pictures'),
    rateVsGradients: await table('universal-rate-vs-gradients'),
    peers: await table('peers'),
    universalPeers: await table('universal-peers'),
  };
  const readme = await text('README.md');
  const [from, to] = [readme.indexOf(begin) + begin.length, readme.indexOf(end)];
  if (from < begin.length || to < from) throw new Error(`README.md has no ${begin} … ${end}`);
  const drawn = Object.entries(plots(measured)).map(([name, svg]) => [`docs/${name}`, svg]);
  return {
    'README.md': readme.slice(0, from) + section(measured) + readme.slice(to),
    ...Object.fromEntries(drawn),
  };
}

/** @param {string} name */
const table = async (name) => JSON.parse(await text(`www/results/${name}.json`));

/** @param {string} file */
export const text = (file) => readFile(path.join(root, file), 'utf8');

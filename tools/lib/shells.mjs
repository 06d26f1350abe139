/** The HTML that a page begins as: one template, and words in the page's language. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { POLICY } from './policy.mjs';

/** @import { ShellWords } from '../../www/words/shells.js' */

/** What only a page that can be installed has in its head. */
const INSTALLABLE = /\s*<!-- installable -->(.*?)<!-- -->/s;

/**
 * @param {string} template with `{{name}}` where words go
 * @param {{ words: ShellWords, language: string, installable?: boolean }} page
 */
export function shell(template, { words, language, installable = false }) {
  const filled = {
    ...words,
    language,
    policy: POLICY,
    ready: installable ? ' data-ready="no"' : '',
  };
  return template
    .replace(INSTALLABLE, installable ? '$1' : '')
    .replace(/\{\{(\w+)\}\}/g, (_, /** @type {string} */ name) => {
      const value = /** @type {Record<string, string>} */ (filled)[name];
      if (value === undefined)
        throw new Error(`The template asks for “${name}”, which nobody has.`);
      return name === 'ready' ? value : escaped(value);
    });
}

/** @param {string} text */
const escaped = (text) =>
  text.replace(/[&<>"]/g, (sign) => `&#${/** @type {number} */ (sign.codePointAt(0))};`);

/**
 * Words of a language, or in English where they are not translated.
 * @param {string} www
 * @param {string} file of `www/words`
 * @param {string} [language]
 */
export async function wordsOf(www, file, language) {
  const translation = path.join(www, `words-${language}`, file);
  const there = language && existsSync(translation);
  return import(pathToFileURL(there ? translation : path.join(www, 'words', file)).href);
}

/** @param {string} file */
export const read = (file) => readFileSync(file, 'utf8');

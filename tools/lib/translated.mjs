/**
 * The page in another language: `www/words-LANGUAGE` holds modules that stand in
 * for those of the same name in `www/words`. One that is not translated yet is
 * taken in English, also where a translated one imports it.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Webpack's aliases, by whole paths.
 * @param {string} www
 * @param {string} [language] as in the folder's name; none is English
 * @returns {Record<string, string>}
 */
export function translated(www, language) {
  if (!language) return {};
  const english = path.join(www, 'words');
  const other = path.join(www, `words-${language}`);
  if (!existsSync(other)) {
    throw new Error(`There is no folder ${other}: copy ${english} there and translate it.`);
  }
  const files = readdirSync(english).filter((file) => file.endsWith('.js'));
  return Object.fromEntries(
    files.map((file) => {
      const [from, to] = existsSync(path.join(other, file)) ? [english, other] : [other, english];
      return [`${path.join(from, file)}$`, path.join(to, file)];
    }),
  );
}

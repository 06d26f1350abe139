/** What tells networks that were brought apart: an id of what is in them, and a name of its own. */

/** @import { KeepOptions } from './types.js' */

/**
 * All of which answers and names of classes depend on, in a text to be hashed. The title is not in
 * it: under another one it is the same network.
 * @param {{ name: string, hash: string }[]} files
 * @param {KeepOptions} options
 * @param {string[]} read names of classes, out of a text
 */
export function contentOf(files, { preset, pixels, shortSide, names }, read) {
  // Dropped together, files come in any order.
  const ordered = files.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  const { mean, deviation, blueFirst } = pixels ?? {};
  return JSON.stringify([
    ordered.map(({ hash }) => hash),
    [preset, mean, deviation, blueFirst, shortSide, names, read],
  ]);
}

/**
 * A title that no other network has.
 * @param {string} wish
 * @param {string[]} taken
 * @param {number} longest letters of it
 */
export function ownTitle(wish, taken, longest) {
  const letters = [...wish];
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? '' : ` ${number}`;
    const title =
      letters
        .slice(0, longest - ending.length)
        .join('')
        .trim() + ending;
    if (!taken.includes(title)) return title;
  }
}

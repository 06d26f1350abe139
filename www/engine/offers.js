/** Networks that a site's owner lists in `networks.json`: read with care, and downloaded. */
import * as words from '../words/engine.js';
import { failed } from './downloads.js';
import { EngineError } from './errors.js';

/** @import { ImportProgress, Offer } from './types.js' */

/** So much is gathered before it is given to the browser, which lays it out of memory. */
const PART = 8 << 20;

/**
 * @param {unknown} list what the file holds
 * @param {string} base what addresses are relative to
 * @returns {Offer[]}
 */
export function readOffers(list, base) {
  if (!Array.isArray(list)) throw broken(words.NO_LIST);
  return list.map((each, index) => {
    const { title, url, size, sha256, preset, classes, licence, shortSide } = each ?? {};
    const wrong = (/** @type {string} */ what) => broken(words.lacks(index + 1, what));
    if (typeof title !== 'string' || !title) throw wrong('title');
    if (typeof url !== 'string' || !URL.canParse(url, base)) throw wrong('url');
    if (!Number.isSafeInteger(size) || size <= 0) throw wrong('size in bytes');
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) throw wrong('sha256');
    return {
      id: `site-${sha256.slice(0, 12).toLowerCase()}`,
      title,
      url: new URL(url, base).href,
      size,
      sha256,
      preset,
      classes,
      licence,
      shortSide,
    };
  });
}

/** @param {string} why */
const broken = (why) => new EngineError('DownloadCorrupted', words.badList(why));

/**
 * @param {Offer} offer
 * @param {{ onProgress?: (progress: ImportProgress) => void, signal?: AbortSignal }} options
 * @returns {Promise<File>}
 */
export async function fetchOffer({ url, size }, { onProgress, signal }) {
  let response;
  try {
    // It is kept as a network, not by the browser too.
    response = await fetch(url, { signal, cache: 'no-store' });
  } catch (cause) {
    signal?.throwIfAborted();
    throw failed(url, words.NO_CONNECTION, cause);
  }
  if (!response.ok || !response.body) throw failed(url, words.serverSaid(response.status));
  /** @type {Blob[]} */
  const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  let some = [];
  let [held, loaded] = [0, 0];
  const lay = () => {
    parts.push(new Blob(some));
    [some, held] = [[], 0];
  };
  try {
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      some.push(/** @type {Uint8Array<ArrayBuffer>} */ (value));
      held += value.length;
      loaded += value.length;
      // One that does not end must not fill the memory.
      if (loaded > size) throw new Error(words.TOO_LONG);
      if (held >= PART) lay();
      onProgress?.({ stage: 'download', loaded, total: size });
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw failed(url, loaded > size ? words.TOO_LONG : words.BROKE_OFF, cause);
  }
  lay();
  return new File(parts, decodeURIComponent(new URL(url).pathname.split('/').pop() ?? ''));
}

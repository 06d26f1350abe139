/**
 * Files that are fetched once, checked against what was pinned at set-up, and
 * kept in the browser's cache. The cache is a convenience: it throws in private
 * frames and when the disk is full, and then we simply go without.
 */
import { EngineError } from './errors.js';
import * as words from '../words/engine.js';

const CACHE = 'foolscope';

/**
 * @typedef {{ bytes: number, sha256: string }} Pin
 * @typedef {(loaded: number, total: number | null, cached: boolean) => void} Report
 */

/**
 * The bytes of one large file: from the cache if they are whole, else from the
 * network, with progress.
 * @param {string} url
 * @param {Pin | undefined} pin what the file must be; unchecked where unknown
 * @param {Report} report
 * @param {AbortSignal} [signal]
 */
export async function fetchPinned(url, pin, report, signal) {
  const kept = await fromCache(url);
  if (kept) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if (await matches(bytes, pin)) {
      report(bytes.length, bytes.length, true);
      return bytes;
    }
    await forget(url);
  }
  const bytes = await download(url, pin?.bytes ?? null, report, signal);
  if (!(await matches(bytes, pin))) {
    throw new EngineError(
      'DownloadCorrupted',
      words.damaged(nameOf(url), bytes.length, pin?.bytes),
    );
  }
  await toCache(url, bytes);
  return bytes;
}

/**
 * A small file that may change from one visit to the next: the network's copy
 * where there is a network, else the one from the last visit.
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export async function fetchFresh(url, signal) {
  try {
    const response = await fetch(url, { signal });
    if (response.ok) {
      const bytes = new Uint8Array(await response.arrayBuffer());
      await toCache(url, bytes);
      return new Response(bytes);
    }
    throw failed(url, words.serverSaid(response.status));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof EngineError) throw error;
    const kept = await fromCache(url);
    if (kept) return kept;
    throw failed(url, words.NO_CONNECTION, error);
  }
}

/**
 * The bytes of one file, with progress, and nothing kept of it.
 * @param {string} url
 * @param {number | null} expected
 * @param {Report} report
 * @param {AbortSignal} [signal]
 */
export async function download(url, expected, report, signal) {
  let response;
  report(0, expected, false);
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(url, words.NO_CONNECTION, error);
  }
  if (!response.ok || !response.body) throw failed(url, words.serverSaid(response.status));
  /** @type {Uint8Array[]} */
  const parts = [];
  let loaded = 0;
  try {
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      loaded += value.length;
      report(loaded, expected, false);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(url, words.BROKE_OFF, error);
  }
  return join(parts, loaded);
}

/** @param {Uint8Array[]} parts @param {number} length */
function join(parts, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {Pin | undefined} pin */
async function matches(bytes, pin) {
  if (!pin) return true;
  if (bytes.length !== pin.bytes) return false;
  // Browsers give no digests to pages served over plain http; the size must do there.
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return hex(digest) === pin.sha256.toLowerCase();
}

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** @param {string} url */
export const nameOf = (url) => new URL(url).pathname.split('/').pop();

/** @param {string} url @param {string} why @param {unknown} [cause] */
export const failed = (url, why, cause) =>
  new EngineError('DownloadFailed', words.notDownloaded(nameOf(url), why), {
    cause,
  });

/** @param {string} url */
async function fromCache(url) {
  try {
    return await (await caches.open(CACHE)).match(url);
  } catch {
    return undefined;
  }
}

/** @param {string} url @param {Uint8Array<ArrayBuffer>} bytes */
async function toCache(url, bytes) {
  try {
    await (await caches.open(CACHE)).put(url, new Response(bytes));
  } catch {
    // No room, or not allowed here: the next visit downloads it again.
  }
}

/** @param {string} url */
async function forget(url) {
  try {
    await (await caches.open(CACHE)).delete(url);
  } catch {
    // Nothing was kept, then.
  }
}

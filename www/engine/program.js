/**
 * The core's program on its way: compiled while it arrives, as the browser does
 * it best, and counted beside that. What went wrong is told by its cause: a
 * download that failed can be tried again, a browser that cannot run it cannot.
 */
import { failed, nameOf } from './downloads.js';
import { EngineError, asError } from './errors.js';
import * as words from '../words/engine.js';

/**
 * @template T
 * @param {URL} url
 * @param {number | null} bytes how many it has, unpacked
 * @param {(loaded: number, total: number | null) => void} report
 * @param {(response: Response) => Promise<T>} start
 * @returns {Promise<T>}
 */
export async function startProgram(url, bytes, report, start) {
  report(0, bytes);
  let response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw failed(url.href, words.NO_CONNECTION, cause);
  }
  if (!response.ok) throw failed(url.href, words.serverSaid(response.status));
  // A copy is counted, so that the browser may keep what it compiles of the original.
  const counted = count(response.clone(), (loaded) => report(loaded, bytes));
  counted.catch(() => {});
  try {
    return await start(response);
  } catch (cause) {
    const loaded = await counted.catch((broken) => {
      throw failed(url.href, words.BROKE_OFF, broken);
    });
    // Something between server and browser may cut it short, or send another page in its place.
    if (bytes && loaded < bytes)
      throw new EngineError('DownloadCorrupted', words.damaged(nameOf(url.href), loaded, bytes), {
        cause,
      });
    throw new EngineError('NotSupported', words.oldBrowser(asError(cause).message), { cause });
  }
}

/** @param {Response} response @param {(loaded: number) => void} report */
async function count({ body }, report) {
  const reader = body?.getReader();
  let loaded = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    loaded += value?.length ?? 0;
    report(loaded);
  }
  return loaded;
}

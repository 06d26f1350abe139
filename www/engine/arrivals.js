/**
 * What arrives for the first answer, the program and a network's weights, counted together;
 * the weights are sent for while the program itself is on its way.
 */
import { download, fetchFresh, fetchPinned } from './downloads.js';
import { EngineError, asError } from './errors.js';
import { Tally } from './tally.js';
import * as words from '../words/engine.js';

/**
 * @import { Pin } from './downloads.js'
 * @import { NetworkInfo, Progress } from './types.js'
 *
 * @typedef {{ bytes: Uint8Array<ArrayBuffer>, checked: boolean }} Weights
 */

export class Arrivals {
  #assets;
  #report;
  /** @type {Tally} */
  #tally;
  /** Weights that were sent for before the program could say what it needs. @type {Map<string, Promise<Weights>>} */
  #expected = new Map();

  /**
   * @param {string} assets where `models/` lies
   * @param {(progress: Progress) => void} report
   */
  constructor(assets, report) {
    this.#assets = assets;
    this.#report = report;
    this.#tally = new Tally(report);
  }

  /** @param {number} loaded @param {number | null} total */
  program(loaded, total) {
    this.#tally.report('the program', loaded, total);
  }

  /** Sends for a network's weights while the program itself arrives. @param {string} network */
  expect(network) {
    const coming = this.#pins().then((pins) => {
      const file = `models/${network}.safetensors`;
      // What is not listed may not be there: the program's catalogue decides.
      if (!pins[file]) throw new Error('not listed');
      return this.#download(file, pins);
    });
    coming.catch(() => {});
    this.#expected.set(network, coming);
  }

  /**
   * @param {string} network
   * @param {NetworkInfo | undefined} info what the catalogue has of it
   * @param {AbortSignal} signal
   * @returns {Promise<Weights>}
   */
  async weights(network, info, signal) {
    if (!info) throw new EngineError('UnknownNetwork', words.noNetwork(network));
    if (!info.weightFile) {
      throw new EngineError('UnknownNetwork', words.noWeights(info.title));
    }
    const coming = this.#expected.get(network);
    this.#expected.delete(network);
    const early = await coming?.catch(() => null);
    if (early) return early;
    this.#tally = new Tally(this.#report);
    const pins = await this.#pins(signal);
    return this.#download(`models/${info.weightFile}`, pins, info.weightBytes, signal);
  }

  /**
   * Weights of somebody's own.
   * @param {string} url
   * @param {NetworkInfo | undefined} info
   * @param {AbortSignal} signal
   */
  from(url, info, signal) {
    this.#tally = new Tally(this.#report);
    const report = this.#tally.report.bind(this.#tally, url);
    return download(url, info?.weightBytes || null, report, signal);
  }

  /**
   * @param {string} file
   * @param {Record<string, Pin>} pins
   * @param {number} [bytes] about how many it has
   * @param {AbortSignal} [signal]
   * @returns {Promise<Weights>}
   */
  async #download(file, pins, bytes = 0, signal) {
    const tally = this.#tally;
    const weights = await fetchPinned(
      this.#at(file),
      pins[file],
      (loaded, total, cached) => tally.report(file, loaded, total ?? (bytes || null), cached),
      signal,
    );
    // Browsers give no digests to pages served over plain http.
    return { bytes: weights, checked: Boolean(pins[file] && globalThis.crypto?.subtle) };
  }

  /** @param {AbortSignal} [signal] @returns {Promise<Record<string, Pin>>} */
  async #pins(signal) {
    try {
      return await (await fetchFresh(this.#at('assets.json'), signal)).json();
    } catch (error) {
      signal?.throwIfAborted();
      // Without the list nothing can be checked, but the wasm still reads the file with care.
      if (asError(error).name === 'DownloadFailed' || error instanceof SyntaxError) return {};
      throw error;
    }
  }

  /** @param {string} path */
  #at(path) {
    return new URL(path, this.#assets).href;
  }
}

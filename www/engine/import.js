/** A network that a visitor brings, on its way in: what it is, how pixels go in, and then kept. */
import * as Comlink from 'comlink';
import * as words from '../words/engine.js';
import { EngineError, asError } from './errors.js';
import { Fuse } from './fuse.js';

/**
 * @import { ImportAbout, KeepOptions, PresetProposal } from '../wasm/explore/foolscope.js'
 * @import { Brought, ImporterFace, ImportProgress, NetworkInfo } from './types.js'
 *
 * @typedef {(progress: ImportProgress) => void} Report
 *
 * @typedef {object} ImportHost
 * @property {string} base where `models/` lies
 * @property {'own' | 'site'} kind
 * @property {() => NetworkInfo[]} others that were brought before
 * @property {(brought: Brought) => Promise<NetworkInfo>} kept
 */

/** Made by `engine.importNetwork`. What it holds in memory is given back by `keep` or `close`. */
export class NetworkImport {
  #host;
  #worker;
  #remote;
  #fuse = new Fuse();
  /** What is tried now: nothing else can be asked meanwhile. @type {Promise<unknown>} */
  #trying = Promise.resolve();
  /** What the files say. @type {ImportAbout} */
  about = /** @type {any} */ (null);

  /** @param {ImportHost} host */
  constructor(host) {
    this.#host = host;
    this.#worker = new Worker(new URL('./importer.js', import.meta.url), {
      type: 'module',
      name: 'foolscope-importer',
    });
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#end(failure(new Error(event.message)));
    });
    this.#remote = /** @type {Comlink.Remote<ImporterFace>} */ (
      /** @type {unknown} */ (Comlink.wrap(this.#worker))
    );
  }

  /**
   * Reads the files. Called once, by the engine.
   * @param {File[]} files
   * @param {string | null} sha256 that the first is to have
   * @param {{ onProgress?: Report, signal?: AbortSignal }} [options]
   */
  async open(files, sha256, options) {
    this.about = await this.#ask(options, (remote, report) => remote.open(files, sha256, report));
  }

  /**
   * Tries the presets, the usual ways in which pixels go into networks, on some photos. Where the
   * classes are ImageNet's, the answers are compared with a network's that is shipped. What was
   * read stays when this is cancelled.
   * @param {(Blob | URL)[]} photos
   * @param {{ onProgress?: Report, signal?: AbortSignal }} [options]
   * @returns {Promise<PresetProposal>}
   */
  async propose(photos, { signal, onProgress } = {}) {
    const plain = photos.map((photo) => (photo instanceof URL ? photo.href : photo));
    const skip = () => this.#remote.skip();
    signal?.addEventListener('abort', skip);
    const found = this.#ask({ onProgress }, (remote, report) =>
      remote.propose(this.#host.base, plain, report),
    );
    this.#trying = found.catch(() => {});
    try {
      return await found;
    } finally {
      signal?.removeEventListener('abort', skip);
      signal?.throwIfAborted();
    }
  }

  /** The names of classes in a text: one a line, or JSON. @param {string} text @returns {Promise<string[]>} */
  readNames(text) {
    return this.#ask({}, (remote) => remote.readNames(text));
  }

  /**
   * Throws what `keep` would refuse these options for, in a sentence. What was read stays.
   * @param {KeepOptions} options
   * @returns {Promise<void>}
   */
  async check(options) {
    await this.#trying;
    await this.#ask({}, (remote) => remote.check(options));
  }

  /**
   * Builds in how pixels go in, and keeps the network; from then on the engine knows it. The same
   * files with the same options are the same network, which replaces the earlier one; another one
   * of the same title gets a number behind it. This import has ended then.
   * @param {KeepOptions} options
   * @param {{ onProgress?: Report, signal?: AbortSignal }} [asked]
   * @returns {Promise<NetworkInfo>} the network; its `own.kept` says whether the browser stores it, or has it
   *   until the page is left
   */
  async keep(options, asked) {
    await this.#trying;
    const others = this.#host.others().map(({ id, title }) => ({ id, title }));
    const brought = await this.#ask(asked, (remote, report) =>
      remote.keep(this.#host.kind, options, others, report),
    );
    this.close();
    return this.#host.kept(brought);
  }

  /** Gives the memory back. What was still asked fails with `Stopped`. */
  close() {
    this.#end(new EngineError('Stopped', words.IMPORT_ENDED));
  }

  /**
   * A wish to stop ends the worker: nothing in it pauses.
   * @template T
   * @param {{ onProgress?: Report, signal?: AbortSignal } | undefined} options
   * @param {(remote: Comlink.Remote<ImporterFace>, report: Report) => Promise<T>} question
   * @returns {Promise<T>}
   */
  async #ask({ onProgress = () => {}, signal } = {}, question) {
    signal?.throwIfAborted();
    const stop = () => this.#end(signal?.reason);
    signal?.addEventListener('abort', stop);
    try {
      return await this.#fuse.guard(question(this.#remote, Comlink.proxy(onProgress)));
    } catch (error) {
      if (asError(error).name !== 'RuntimeError') throw error;
      const said = failure(asError(error));
      this.#end(said);
      throw said;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** @param {Error} why */
  #end(why) {
    this.#worker.terminate();
    this.#fuse.blow(why);
  }
}

/** A trap; most often there was no memory left. @param {Error} error */
const failure = (error) => new EngineError('Stopped', words.NO_MEMORY, { cause: error });

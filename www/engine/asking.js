/**
 * What every call of the engine stands on: the networks that there are, the one in
 * use, and the worker that is asked. The calls are in layers above, by what they are
 * asked of: `answers.js`, `searches.js`, `growing.js`, `noises.js`; `engine.js` is on top.
 */
import { EngineError } from './errors.js';
import { Link } from './link.js';
import * as words from '../words/engine.js';

/**
 * @import { Listener } from './link.js'
 * @import { Asked, EngineOptions, NetworkInfo, OnPicture, Picture } from './types.js'
 */

export class Asking extends EventTarget {
  /** @protected @type {EngineOptions} */
  options;
  /** @protected @type {Link} */
  link;
  /** Every network that the wasm knows. @type {NetworkInfo[]} */
  networks = [];
  /** Settles when the classifier can answer. @type {Promise<void>} */
  ready = Promise.resolve();

  /**
   * @param {EngineOptions} options
   * @param {Listener} listener hears what nobody asked
   */
  constructor(options, listener) {
    super();
    this.options = { ...options };
    this.link = new Link(listener);
  }

  /** The network in use. @type {NetworkInfo} */
  get network() {
    const id = this.options.network ?? 'efficientnet-lite0';
    const network = this.networks.find((each) => each.id === id);
    if (!network) throw new EngineError('UnknownNetwork', words.noNetwork(id));
    return network;
  }

  /** There are more or fewer networks now. @protected @param {NetworkInfo[]} networks */
  renew(networks) {
    this.networks = networks;
    this.dispatchEvent(new CustomEvent('networks'));
  }

  /**
   * A long call on one picture.
   * @protected
   * @template {keyof OnPicture} Call
   * @param {Call} call
   * @param {Pick<Picture, 'rgba'>} picture
   * @param {Asked<Call>} asked
   * @returns {Promise<OnPicture[Call]['result']>}
   */
  async onPicture(call, picture, { onProgress, signal, finish, ...options }) {
    await this.ready;
    return this.link.job(
      signal,
      (remote, job) =>
        // A call's own type of result is lost on the way through the worker.
        /** @type {any} */ (remote).onPicture(call, picture.rgba, options, job),
      (event) => event.type === 'step' && onProgress?.(/** @type {any} */ (event.progress)),
      finish,
    );
  }
}

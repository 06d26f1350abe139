/** The visitor's own networks, and those that a site lists: brought, kept, forgotten. */
import * as words from '../words/engine.js';
import { fetchFresh } from './downloads.js';
import { EngineError } from './errors.js';
import { NetworkImport } from './import.js';
import { Noises } from './noises.js';
import { fetchOffer, readOffers } from './offers.js';

/** @import { Brought, ImportProgress, NetworkInfo, Offer, StorageFigures } from './types.js' */

/** What the browser does not store, for all engines of this page. @type {Map<string, Brought>} */
export const held = new Map();

/** Fires `networks` when there are more or fewer of them. */
export class Own extends Noises {
  /** @protected Where `models/` lies. */
  get base() {
    return new URL(this.options.assets ?? '.', document.baseURI).href;
  }

  /**
   * Reads a network out of files that somebody brings: ONNX (with its external data), Caffe
   * (`.caffemodel`, with or without `.prototxt` and mean image), PyTorch or safetensors of a network
   * that is known by name, or our own format; a text with the names of its classes may come along.
   * It is in use for nothing yet: ask what to `propose`, and `keep` it.
   * @param {Iterable<File>} files
   * @param {{ onProgress?: (progress: ImportProgress) => void, signal?: AbortSignal }} [options]
   * @returns {Promise<NetworkImport>}
   */
  importNetwork(files, options) {
    return this.#import('own', [...files], null, options);
  }

  /**
   * The networks that this site offers beside those that are shipped (`networks.json`).
   * @param {AbortSignal} [signal]
   * @returns {Promise<Offer[]>}
   */
  async offers(signal) {
    const response = await fetchFresh(new URL('networks.json', this.base).href, signal);
    return readOffers(await response.json(), this.base);
  }

  /**
   * Downloads one of those, checks it, and keeps it like a visitor's own.
   * @param {Offer} offer
   * @param {{ onProgress?: (progress: ImportProgress) => void, signal?: AbortSignal }} [options]
   * @returns {Promise<NetworkInfo>}
   */
  async fetchNetwork(offer, options = {}) {
    const file = await fetchOffer(offer, options);
    const opened = await this.#import('site', [file], offer.sha256, options);
    try {
      return await opened.keep(
        {
          title: offer.title,
          preset: typeof offer.preset === 'string' ? offer.preset : undefined,
          pixels: typeof offer.preset === 'object' ? offer.preset : undefined,
          names: offer.classes ? 'text' : opened.about.names,
          namesText: offer.classes && JSON.stringify(offer.classes),
          shortSide: offer.shortSide ?? opened.about.shortSide,
          licence: offer.licence,
          source: offer.url,
        },
        options,
      );
    } finally {
      opened.close();
    }
  }

  /**
   * Removes a network that was brought from this browser. Not the one in use.
   * @param {string} id
   */
  async forgetNetwork(id) {
    if (id === this.network.id) {
      throw new EngineError('NotReady', words.NETWORK_IN_USE);
    }
    await this.link.job(undefined, (remote) => remote.forget(id));
    held.delete(id);
    this.renew(this.networks.filter((each) => each.id !== id));
  }

  /** What the browser stores for this site, and may store. @returns {Promise<StorageFigures>} */
  async storage() {
    const { quota = null, usage = null } =
      (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
    const own = this.networks.flatMap(({ own }) => (own?.kept ? [own.bytes] : []));
    return { own: own.reduce((sum, bytes) => sum + bytes, 0), usage, quota };
  }

  /**
   * @param {'own' | 'site'} kind
   * @param {File[]} files
   * @param {string | null} sha256
   * @param {{ onProgress?: (progress: ImportProgress) => void, signal?: AbortSignal }} [options]
   */
  async #import(kind, files, sha256, options) {
    const kept = (/** @type {Brought} */ brought) => this.#kept(brought);
    const others = () => this.networks.filter(({ own }) => own);
    const opened = new NetworkImport({ base: this.base, kind, others, kept });
    try {
      await opened.open(files, sha256, options);
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  /** @param {Brought} brought */
  async #kept(brought) {
    const { id } = brought;
    if (brought.blob) held.set(id, brought);
    else held.delete(id);
    const info = await this.link.job(undefined, (remote) => remote.bring(brought));
    this.renew([...this.networks.filter((each) => each.id !== id), info]);
    return info;
  }
}

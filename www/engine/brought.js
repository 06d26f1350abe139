/** The networks that a visitor brought, as the engine's worker knows them. */
import * as words from '../words/engine.js';
import { EngineError } from './errors.js';
import { forgetOwn, isLeftBehind, openOwn } from './own-store.js';
import { piecesOf } from './pieces.js';

/**
 * @import { Modules } from './modules.js'
 * @import { Owned } from './own-store.js'
 * @import { Brought, NetworkInfo } from './types.js'
 */

export class BroughtNetworks {
  #modules;
  /** Files of those that are not kept, by id. @type {Map<string, Blob>} */
  #unkept = new Map();
  /** @type {Map<string, NetworkInfo>} */
  #infos = new Map();

  /** @param {Modules} modules */
  constructor(modules) {
    this.#modules = modules;
  }

  /** @returns {NetworkInfo[]} */
  get all() {
    return [...this.#infos.values()];
  }

  /**
   * Makes all known that are kept in this browser, and those that the page holds. It needs the
   * wasm to have started.
   * @param {Promise<Owned[]>} listing
   * @param {Brought[]} held
   */
  async start(listing, held) {
    const { cpu } = this.#modules;
    for (const { id, file } of await listing) {
      try {
        this.add({ id, card: cpu.readCard(piecesOf(file)), bytes: file.size, blob: null });
      } catch {
        // One that is being written, or was left behind half written.
        if (isLeftBehind(file)) await forgetOwn(id).catch(() => {});
      }
    }
    for (const each of held) this.add(each);
  }

  /** @param {Brought} brought @returns {NetworkInfo} */
  add({ id, card, bytes, blob }) {
    const info = this.#modules.bring(id, card);
    if (blob) this.#unkept.set(id, blob);
    else this.#unkept.delete(id);
    const own = { bytes, kept: !blob };
    /** @type {NetworkInfo} */
    const known = { ...info, weightBytes: bytes, weightFile: `own/${id}.safetensors`, own };
    this.#infos.set(id, known);
    return known;
  }

  /** @param {string} id */
  has(id) {
    return this.#infos.has(id);
  }

  /** @param {string} id @returns {Promise<Blob>} */
  async weights(id) {
    const file = this.#unkept.get(id) ?? (await openOwn(id));
    if (file) return file;
    this.#infos.delete(id);
    throw new EngineError('UnknownNetwork', words.NETWORK_GONE);
  }

  /** @param {string} id */
  async forget(id) {
    await forgetOwn(id).catch((error) => {
      if (!this.#unkept.has(id)) throw error;
    });
    this.#unkept.delete(id);
    this.#infos.delete(id);
  }
}

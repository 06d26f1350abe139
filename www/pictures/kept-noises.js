/**
 * The visitor's own noises, kept in this browser from one visit to the next
 * (IndexedDB). What cannot be kept is told in one sentence, and is not lost for
 * this visit: who holds it goes on using it.
 */

import { NOTHING_KEPT, STORAGE_FULL } from '../words/pictures.js';

/** @import { OwnNoise } from './noises.js' */

const DATABASE = 'foolscope';
const NOISES = 'noises';

export class NotKept extends Error {
  name = 'NotKept';
}

export class KeptNoises {
  /** @type {Promise<IDBDatabase> | null} */
  #opened = null;

  /** Those for a network, oldest first. @param {string} network @returns {Promise<OwnNoise[]>} */
  async all(network) {
    /** @type {OwnNoise[]} */
    const noises = await this.#do('readonly', (store) => store.getAll());
    return noises
      .filter((noise) => noise.network === network)
      .sort((a, b) => a.made.localeCompare(b.made));
  }

  /** Writes a noise, or writes it anew. @param {OwnNoise} noise */
  async keep(noise) {
    try {
      await this.#do('readwrite', (store) => store.put(noise));
    } catch (cause) {
      const full = /** @type {Error} */ (cause).name === 'QuotaExceededError';
      throw new NotKept(full ? STORAGE_FULL : NOTHING_KEPT, { cause });
    }
  }

  /** @param {string} id */
  async forget(id) {
    await this.#do('readwrite', (store) => store.delete(id));
  }

  /**
   * One transaction; settles when it is safely on the disk, or has failed.
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<T>} work
   * @returns {Promise<T>}
   */
  async #do(mode, work) {
    // The browser closes it when its data are cleared, in another tab perhaps.
    const database = await (this.#opened ??= open(() => (this.#opened = null)));
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(NOISES, mode);
      const request = work(transaction.objectStore(NOISES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  }
}

/** @param {() => void} closed @returns {Promise<IDBDatabase>} */
function open(closed) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(NOISES, { keyPath: 'id' });
    request.onsuccess = () => {
      request.result.onclose = closed;
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(request.error);
  });
}

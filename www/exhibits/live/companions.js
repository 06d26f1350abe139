/**
 * Further networks that answer beside the one in use. Each runs in an engine of
 * its own, with one worker; it is started when it is asked for and ended when it
 * is taken away.
 */
import { startEngine } from '../../engine/engine.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Classified, Noise, Picture } from '../../engine/types.js'
 *
 * A picture, its sum with a noise as the network in use was shown it, and that noise.
 * @typedef {object} Asked
 * @property {Picture} picture
 * @property {Picture | null} sum
 * @property {{ noise: Noise, strength: number } | null} added
 *
 * What one of them says to a picture and to its sum.
 * @typedef {Pick<Classified, 'clean' | 'perturbed' | 'fooled'>} Said
 *
 * @typedef {object} Companion
 * @property {string} id
 * @property {Engine | null} engine null until it can answer
 * @property {number} share of its weights that have arrived
 * @property {string} trouble why it cannot answer
 * @property {Said | null} said
 */

export class Companions {
  #changed;
  /** @type {Map<string, Companion & { end: AbortController }>} */
  #companions = new Map();

  /** @param {(ready: boolean) => void} changed `ready` where one can answer now that could not */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @returns {Companion[]} in the order in which they were chosen */
  get all() {
    return [...this.#companions.values()];
  }

  /** Starts those that are new, and ends those that are not asked for any more. @param {string[]} ids */
  choose(ids) {
    for (const [id, companion] of this.#companions) if (!ids.includes(id)) this.#drop(companion);
    for (const id of ids) if (!this.#companions.has(id)) this.#start(id);
  }

  /** Tries once more. @param {string} id */
  again(id) {
    const companion = this.#companions.get(id);
    if (companion) this.#drop(companion);
    this.#start(id);
  }

  /** Asks all that can answer. @param {Asked} asked */
  async ask(asked) {
    await Promise.all(this.all.map((companion) => this.#askOne(companion, asked)));
    this.#changed(false);
  }

  /** Another picture's answers say nothing of this one. */
  forget() {
    for (const companion of this.all) companion.said = null;
  }

  close() {
    this.choose([]);
  }

  /** @param {Companion} companion @param {Asked} asked */
  async #askOne(companion, asked) {
    const { engine } = companion;
    if (!engine) return;
    try {
      companion.said = await said(engine, asked);
      companion.trouble = '';
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      if (name !== 'Stopped' || this.#companions.has(companion.id)) companion.trouble = message;
    }
  }

  /** @param {string} id */
  async #start(id) {
    const end = new AbortController();
    const companion = {
      id,
      engine: /** @type {Engine | null} */ (null),
      share: 0,
      trouble: '',
      said: null,
      end,
    };
    this.#companions.set(id, companion);
    this.#changed(false);
    /** @type {Engine | undefined} */
    let engine;
    try {
      engine = await startEngine({
        network: id,
        device: 'cpu',
        workers: 1,
        onProgress: (progress) => {
          if (progress.stage !== 'download' || !progress.total) return;
          companion.share = progress.loaded / progress.total;
          this.#changed(false);
        },
      });
      const started = engine;
      end.signal.addEventListener('abort', () => started.dispose());
      if (end.signal.aborted) return started.dispose();
      await engine.ready;
      companion.engine = engine;
    } catch (error) {
      if (end.signal.aborted) return undefined;
      engine?.dispose();
      companion.trouble = /** @type {Error} */ (error).message;
    }
    return this.#changed(companion.engine !== null);
  }

  /** @param {Companion & { end: AbortController }} companion */
  #drop(companion) {
    this.#companions.delete(companion.id);
    companion.end.abort();
    this.#changed(false);
  }
}

/**
 * A network of the same size is asked of the very sum in whole levels; one of another
 * size of the picture and the noise at its own.
 * @param {Engine} engine
 * @param {Asked} asked
 * @returns {Promise<Said>}
 */
async function said(engine, { picture, sum, added }) {
  if (engine.network.side !== picture.side) {
    const own = await engine.fitPicture(picture);
    const { noise, strength } = added ?? {};
    return engine.classify(own, { perturbation: noise, strength });
  }
  const [{ clean }, after] = await Promise.all([
    engine.classify(picture),
    sum && engine.classify(sum),
  ]);
  const perturbed = after?.clean ?? null;
  const fooled = perturbed !== null && perturbed.top[0].label !== clean.top[0].label;
  return { clean, perturbed, fooled };
}

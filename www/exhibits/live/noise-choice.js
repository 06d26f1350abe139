/**
 * Which universal noise is in use. Another that was chosen replaces it only when
 * it is there: until then, and where it cannot be had, the one before goes on.
 */
import { asSentence } from '../../engine/errors.js';
import { Task } from '../../task.js';
import { Noises } from '../../pictures/noises.js';
import { NOISE_NOT_READY, noiseMissing } from '../../words/live-figure.js';
import { levelsOf } from './scene.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Perturbation, Picture } from '../../engine/types.js'
 * @import { Settings } from '../../state.js'
 * @import { OwnNoise } from '../../pictures/noises.js'
 * @import { Told } from './told.js'
 *
 * @typedef {object} Chooser what is around it
 * @property {() => { engine: Engine | null, network: string, settings: Settings, picture: Picture | null }} around
 * @property {(change: Partial<Settings>) => void} set
 * @property {(needed: boolean) => void} changed `needed` where what is shown depends on it
 * @property {() => void} opened what there is has been read
 * @property {(id: string) => void} forgotten
 * @property {Told} told
 */

export class NoiseChoice {
  #chooser;
  #choosing = new Task(() => this.#chosen());

  /** @type {Promise<void>} */
  #opening = Promise.resolve();

  /** What there is; null until it was read. @type {Noises | null} */
  noises = null;
  /** The one in use; null if there is none (yet). @type {Perturbation | OwnNoise | null} */
  inUse = null;
  /** The id of one that was chosen and is not there yet. */
  wanted = '';

  /** @param {Chooser} chooser */
  constructor(chooser) {
    this.#chooser = chooser;
  }

  /** Another network has noises of its own. */
  reset() {
    this.#choosing.stop();
    this.noises = null;
    this.inUse = null;
  }

  /** The one that the settings name, once what there is has been read. */
  load() {
    this.#opening = this.#load();
    return this.#opening;
  }

  async #load() {
    const { engine, network, settings } = this.#chooser.around();
    if (!engine) return;
    const { universal } = settings;
    try {
      const noises = this.noises ?? new Noises(engine);
      const found = this.noises ? await noises.load(universal) : await noises.open(universal);
      const now = this.#chooser.around();
      if (now.engine !== engine || now.network !== network) return;
      if (now.settings.universal !== universal) return;
      this.noises = noises;
      this.#chooser.told.settle('noise');
      this.#chooser.opened();
      if (this.inUse?.id === found?.id && this.inUse) return;
      this.inUse = found;
      const { noise } = now.settings;
      this.#chooser.changed(noise === 'universal' || noise === 'random');
    } catch (error) {
      const why = asSentence(/** @type {Error} */ (error).message);
      this.#chooser.told.explain('noise', noiseMissing(why), () => this.load());
    }
  }

  /** @param {string} id of a universal noise, or `random` @returns {Promise<void>} */
  async choose(id) {
    if (id === 'random') return this.#chooser.set({ noise: 'random' });
    const { noises } = this;
    if (!noises) return undefined;
    this.wanted = id;
    try {
      const noise = await this.#choosing.run(() => noises.load(id));
      if (!noise || noises !== this.noises) return undefined;
      this.#chooser.told.settle('noise');
      this.use(noise);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.#chooser.told.explain('noise', message, () => this.choose(id));
    }
    return undefined;
  }

  /** Shows a noise as it was made. @param {Perturbation} noise */
  use(noise) {
    if (noise.network !== this.#chooser.around().network) return;
    this.inUse = noise;
    this.#chooser.set({ noise: 'universal', universal: noise.id, strength: levelsOf(noise) });
    this.#chooser.changed(true);
  }

  /** One that has its counts now. @param {OwnNoise} noise */
  known(noise) {
    if (this.inUse?.id === noise.id) this.inUse = noise;
    this.#chooser.changed(false);
  }

  /** One from a file of the visitor's. @param {File} file @throws a sentence */
  async read(file) {
    await this.#opening; // The list of noises may still be on its way.
    const { engine, picture } = this.#chooser.around();
    const { noises } = this;
    if (!engine?.device || !picture || !noises) {
      throw new Error(NOISE_NOT_READY);
    }
    // The camera would take a frame of its own back meanwhile.
    const noise = await noises.read(file, { ...picture, rgba: picture.rgba.slice() });
    const kept = noises.keep(noise);
    this.use(noise);
    const note = await engine.noteOnNpy(new Uint8Array(await file.arrayBuffer()));
    if (note) this.#chooser.told.explain('noise-note', `${file.name}: ${note}`);
    else this.#chooser.told.settle('noise-note');
    const trouble = await kept;
    if (trouble) this.#chooser.told.explain('storage', trouble);
    else this.#chooser.told.settle('storage');
  }

  /** @param {string} id */
  async forget(id) {
    await this.noises?.forget(id);
    this.#chooser.forgotten(id);
    if (this.#chooser.around().settings.universal === id) this.#chooser.set({ universal: '' });
    else if (this.inUse?.id === id) this.load();
    this.#chooser.changed(false);
  }

  #chosen() {
    if (!this.#choosing.running) this.wanted = '';
    this.#chooser.changed(false);
  }
}

/**
 * The universal noises that there are to choose from: the shipped ones, the
 * visitor's own, and for each a random one of the same size.
 */
import { targetedNoise } from '../words/live.js';
import { noiseFrom, RANDOM_NOISE } from '../words/pictures.js';
import { KeptNoises, NotKept } from './kept-noises.js';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { Perturbation, PerturbationInfo, Picture, UniversalResult } from '../engine/types.js'
 * @import { Target } from '../exhibits/live/scene.js'
 *
 * How many pictures a noise fools, of how many; and how many become the class that was chosen.
 * @typedef {{ fooled: number, of: number, became?: number }} Share
 *
 * @typedef {object} Own
 * @property {string} made when, as ISO 8601
 * @property {string} ownText the pictures that it was made from
 * @property {string} othersText those that it was only tried on
 * @property {{ own: Share, others: Share, random: Share, randomOthers?: Share } | null} counts null
 *   until they are counted; random noise is counted on all pictures, and on the others alone
 * @property {Target | null} [target] the class that all pictures should become
 * @property {{ own: Picture[], others: Picture[] } | null} [uncounted] what it is still to be counted on
 *
 * A noise that was made, or read, here.
 * @typedef {Perturbation & Own} OwnNoise
 */

const OWN = 'own-';

/** @param {Perturbation} noise @returns {noise is OwnNoise} */
export const isOwn = (noise) => 'counts' in noise;

/** The id of a noise that only this browser has. @param {string} id */
export const isOwnId = (id) => id.startsWith(OWN);

/** Beyond this a noise read from a file is told by its length instead (`l2`). */
const LARGEST_LINF = 20;

/**
 * The radius that a finished noise has: that of its ball, unless it was stopped
 * before it reached the boundary.
 * @param {Pick<UniversalResult, 'norm' | 'norms' | 'radius'>} result
 */
export function reached({ norm, norms, radius }) {
  const size = norms[norm];
  return Math.abs(size / radius - 1) < 1e-3 || size === 0 ? radius : size;
}

/** What a noise is set to that is as it was made, in the middle of the slider. */
const FULL = 10;

/** The end of the slider for a noise's strength. */
export const STRONGEST = 20;

/**
 * Where the strength is set for a noise to be as it was made: at its radius in grey levels; in the
 * middle, if that is a length or beyond the end.
 * @param {Perturbation} noise
 */
export const levelsOf = ({ norm, radius }) =>
  norm === 'linf' && radius <= STRONGEST ? radius : FULL;

export class Noises {
  #engine;
  #store = new KeptNoises();
  /** @type {WeakMap<Perturbation, Promise<Perturbation>>} */
  #random = new WeakMap();
  /** @type {Map<string, Promise<Perturbation>>} */
  #loaded = new Map();

  /** @type {PerturbationInfo[]} */
  shipped = [];
  /** @type {OwnNoise[]} */
  own = [];

  /** @param {Engine} engine */
  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * Reads what is shipped and what was kept.
   * @param {string} chosen id of the noise that is wanted
   * @returns {Promise<Perturbation | null>} that noise, or the first; null if there is none
   */
  async open(chosen) {
    const engine = this.#engine;
    // A browser that keeps nothing has nothing to read.
    this.own = await this.#store.all(engine.network.id).catch(() => []);
    try {
      this.shipped = await engine.perturbations();
    } catch (error) {
      if (!this.own.length) throw error;
    }
    return this.load(chosen);
  }

  /** @param {string} id an unknown one gives the first @returns {Promise<Perturbation | null>} */
  async load(id) {
    const own = this.own.find((noise) => noise.id === id);
    if (own) return own;
    const info = this.shipped.find((noise) => noise.id === id) ?? this.shipped[0];
    if (!info) return this.own[0] ?? null;
    let loaded = this.#loaded.get(info.id);
    if (!loaded) {
      loaded = this.#engine.loadPerturbation(info.id);
      this.#loaded.set(info.id, loaded);
      loaded.catch(() => this.#loaded.delete(info.id));
    }
    return loaded;
  }

  /**
   * Keeps a noise for later visits too.
   * @param {OwnNoise} noise
   * @returns {Promise<string | null>} one sentence, if it lasts only for this visit
   */
  async keep(noise) {
    this.own = [...this.own.filter(({ id }) => id !== noise.id), noise];
    try {
      await this.#store.keep(noise);
      return null;
    } catch (error) {
      if (error instanceof NotKept) return error.message;
      throw error;
    }
  }

  /** @param {string} id */
  async forget(id) {
    this.own = this.own.filter((noise) => noise.id !== id);
    await this.#store.forget(id).catch(() => {}); // It was never kept.
  }

  /** Random noise of the same norm as another. @param {Perturbation} noise */
  random(noise) {
    let random = this.#random.get(noise);
    if (!random) {
      random = this.#makeRandom(noise);
      this.#random.set(noise, random);
    }
    return random;
  }

  /** A noise that is still to be made, as far as its size. @param {{ norm: 'linf' | 'l2', radius: number }} size @returns {Perturbation} */
  sized({ norm, radius }) {
    return { ...this.#named(''), norm, radius };
  }

  /** @param {Perturbation} noise @returns {Promise<Perturbation>} */
  async #makeRandom({ id, network, norm, radius }) {
    return {
      id: `${id}-random`,
      network,
      file: '',
      norm,
      radius,
      title: RANDOM_NOISE,
      foolingRate: { own: NaN, others: NaN },
      data: await this.#engine.randomNoise({ norm, radius }),
    };
  }

  /**
   * A noise from a `.npy` file.
   * @param {File} file
   * @param {Picture} picture any; the classifier measures the noise on it
   * @returns {Promise<OwnNoise>}
   */
  async read(file, picture) {
    const data = await this.#valuesIn(file);
    const { norms } = await this.#engine.classify(picture, { perturbation: data });
    const { l2, linf } = norms ?? { l2: 0, linf: 0 };
    return {
      ...this.#named(file.name.replace(/\.npy$/i, '')),
      file: file.name,
      ...(linf <= LARGEST_LINF ? { radius: linf || 1 } : { norm: 'l2', radius: l2 }),
      data,
    };
  }

  /** What is wrong with it is said with its name. @param {File} file */
  async #valuesIn(file) {
    try {
      return await this.#engine.readPerturbation(new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new Error(`${file.name}: ${message}`, { cause: error });
    }
  }

  /**
   * A noise that was made here.
   * @param {Pick<OwnNoise, 'data' | 'norm' | 'radius' | 'ownText' | 'othersText' | 'uncounted' | 'target'>} made
   * @returns {OwnNoise}
   */
  made(made) {
    const { target, ownText } = made;
    const title = target ? targetedNoise(target.name, ownText) : noiseFrom(ownText);
    return { ...this.#named(title), ...made };
  }

  /** Without its values. @param {string} wish @returns {OwnNoise} */
  #named(wish) {
    const made = new Date().toISOString();
    const names = new Set(this.own.map(({ title }) => title));
    let title = wish;
    for (let count = 2; names.has(title); count++) title = `${wish} (${count})`;
    return {
      id: `${OWN}${made.replace(/\D/g, '')}`,
      network: this.#engine.network.id,
      file: '',
      norm: 'linf',
      radius: 1,
      title,
      foolingRate: { own: NaN, others: NaN },
      data: new Float32Array(),
      made,
      ownText: '',
      othersText: '',
      counts: null,
      uncounted: null,
    };
  }
}

/** Ours and the peers behind one face, so that each row asks all of them the same way. */
import * as Comlink from 'comlink';
import { createEngine } from '../engine/engine.js';

/**
 * @import { Column } from './columns.js'
 * @import { Engine } from '../engine/engine.js'
 * @import { EngineOptions, Perturbation, Picture } from '../engine/types.js'
 */

/** What a contender cannot do at all; its message is the cell's sentence. */
export class Cannot extends Error {}

/** Our engine on one device. */
export class Ours {
  /** @type {Engine | null} */
  #engine = null;
  /** Arrays of frames before, to be filled again. @type {Picture['rgba'][]} */
  #spare = [];

  /** @param {Column} column @param {string} network */
  constructor(column, network) {
    this.column = column;
    this.network = network;
  }

  get #ready() {
    if (!this.#engine) throw new Error('The classifier is not open.');
    return this.#engine;
  }

  async open() {
    this.close();
    const { kind: device, workers } = this.column;
    /** @type {EngineOptions} */
    const options = Object.assign({ network: this.network, device }, { workers });
    this.#engine = await createEngine(options);
    const { device: found } = this.#ready;
    if (found?.kind !== device) {
      this.close();
      throw new Cannot(`No GPU here: ${found?.reason ?? 'there is none.'}`);
    }
  }

  get software() {
    return Boolean(this.#engine?.device?.software);
  }

  /** @param {Picture} picture */
  logits(picture) {
    return this.#ready.logits(picture);
  }

  /** @param {Picture} picture @param {number[]} classes */
  gradients(picture, classes) {
    return this.#ready.classGradients(picture, classes);
  }

  /** @param {Picture} picture */
  async deepfool(picture) {
    await this.#ready.deepfool(picture);
  }

  /** @param {Picture[]} pictures @param {number} gradients */
  async universal(pictures, gradients) {
    await this.#ready.universal({ own: pictures }, { maxPasses: gradients / pictures.length });
  }

  /** @param {ImageBitmap} frame @param {Perturbation | Float32Array | null} perturbation */
  async frame(frame, perturbation) {
    const spare = this.#spare.splice(0);
    const { picture, sum } = await this.#ready.classifyFrame(frame, {
      mirror: true,
      perturbation,
      spare,
    });
    this.#spare.push(picture.rgba, ...(sum ? [sum.rgba] : []));
  }

  /** What one question costs the worker; the first time it starts anew for it. */
  meter() {
    return this.#ready.meter();
  }

  async cost() {
    const { downloaded, memory } = await this.#ready.meter();
    return { downloaded, memory };
  }

  close() {
    this.#engine?.dispose();
    this.#engine = null;
  }
}

/** A peer in its worker. */
export class Peer {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Comlink.Remote<import('./peers/worker.js').PeerFace> | null} */
  #face = null;
  /** @type {((why: Error) => void)} */
  #fail = () => {};
  software = false;

  /** @param {Column} column @param {string} network @param {string} weights where they lie */
  constructor(column, network, weights) {
    this.column = column;
    this.network = network;
    this.weights = weights;
  }

  get #ready() {
    if (!this.#face) throw new Error('It is not open.');
    return this.#face;
  }

  async open() {
    this.close();
    const { library, backend, by } = this.column;
    if (!library || !backend) throw new Cannot('It is no peer.');
    const worker = new Worker(new URL('./peers/worker.js', import.meta.url), {
      type: 'module',
      name: 'peer',
    });
    /** @type {Promise<never>} */
    const failed = new Promise((_, reject) => (this.#fail = reject));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#fail(new Error(`${by} did not start: ${event.message || 'it did not arrive'}.`));
    });
    this.#worker = worker;
    this.#face = Comlink.wrap(worker);
    const { software } = await Promise.race([
      this.#face.open(library, backend, this.network, this.weights),
      failed,
    ]);
    this.software = software;
  }

  /** @param {Picture} picture */
  logits(picture) {
    return this.#ready.logits(picture.rgba);
  }

  /** @param {Picture} picture @param {number[]} classes */
  async gradients(picture, classes) {
    const gradients = await this.#ready.gradients(picture.rgba, classes);
    if (!gradients) throw new Cannot('It has no gradients in a browser.');
    return gradients;
  }

  /** @returns {Promise<void>} */
  async deepfool() {
    throw new Cannot('It has no DeepFool.');
  }

  /** @returns {Promise<void>} */
  async universal() {
    throw new Cannot('It has no universal noise.');
  }

  /** @param {ImageBitmap} frame @param {Perturbation | Float32Array | null} perturbation */
  async frame(frame, perturbation) {
    const noise = perturbation && 'data' in perturbation ? perturbation.data : perturbation;
    await this.#ready.frame(Comlink.transfer(frame, [frame]), noise);
  }

  /** @returns {Promise<import('../engine/types.js').Metered>} */
  async meter() {
    throw new Cannot('Only our own worker is watched.');
  }

  cost() {
    return this.#ready.cost();
  }

  close() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#face = null;
  }
}

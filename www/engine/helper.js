/** A helper of the engine's worker: see pool.js, which starts it and asks. */
import * as Comlink from 'comlink';
import init, { Helper, bring } from '../wasm/cpu/foolscope.js';
import { piecesOf } from './pieces.js';

/**
 * @import { HelperAnswer, HelperFace } from './pool.js'
 * @import { Injection } from './types.js'
 *
 * @typedef {object} HelperStart
 * @property {WebAssembly.Module} module
 * @property {string} network
 * @property {Uint8Array | Blob} weights
 * @property {string | null} card of a network that was brought
 * @property {Injection} inject
 */

/** @type {Helper} */
let helper;
/** @type {WebAssembly.Memory} */
let memory;
/** @type {Injection} */
let inject;
let walks = 0;

/** @type {Omit<HelperFace, 'open'> & { open: (start: HelperStart) => Promise<HelperAnswer> }} */
const face = {
  async open({ module, network, weights, card, ...start }) {
    ({ memory } = await init({ module_or_path: module }));
    if (card !== null) bring(network, card);
    helper =
      weights instanceof Blob
        ? Helper.openFile(network, piecesOf(weights))
        : Helper.open(network, weights);
    inject = start.inject;
    return answer(null);
  },

  logits: async (x) => answer(await helper.logits(x)),

  async forward(pass, x, answers) {
    const logits = await helper.forward(pass, x);
    return answer(answers ? logits : null);
  },

  async pullBack(pass, cotangents) {
    if (++walks === 2) await fail();
    return answer(await helper.pullBack(pass, cotangents));
  },

  async forget(pass) {
    helper.forget(pass);
    return answer(null);
  },
};

/**
 * @param {Float32Array | null} values
 * @returns {HelperAnswer}
 */
const answer = (values) =>
  Comlink.transfer({ values, memory: memory.buffer.byteLength }, values ? [values.buffer] : []);

/** In the middle of an attack, if a test wants that. */
async function fail() {
  if (inject === 'helper-fails') throw new Error('fails on purpose');
  if (inject === 'helper-killed') {
    self.close();
    await new Promise(() => {});
  }
}

Comlink.expose(face);

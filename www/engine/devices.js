/**
 * Which device runs the classifier, and why, in one sentence. Left to itself the
 * page takes the faster one, by measurement: a small graphics chip is often
 * slower than the CPU. A GPU is tried only when it is real hardware; a software
 * adapter is many times slower, so it runs only when it is asked for by name.
 */
import * as words from '../words/engine.js';

/** The GPU runtime times its kernels and stops without this. */
const NEEDED = 'timestamp-query';

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render/i;

/**
 * @import { Device, DeviceWish, Measured } from './types.js'
 */

/**
 * @typedef {object} Choice
 * @property {'cpu' | 'gpu' | 'faster'} kind `faster` is to be measured
 * @property {string} reason one sentence
 * @property {Device['gpu']} gpu
 * @property {string} adapter tells GPUs apart; empty without one
 * @property {Measured | null} measured what was measured before, and still holds
 */

/**
 * The part of the browser's `GPU` that the choice looks at.
 * @typedef {object} Gpu
 * @property {(options?: object) => Promise<Adapter | null>} requestAdapter
 *
 * @typedef {object} Adapter
 * @property {{ has(name: string): boolean }} features
 * @property {{ vendor?: string, architecture?: string, device?: string, description?: string, isFallbackAdapter?: boolean }} [info]
 * @property {boolean} [isFallbackAdapter]
 */

/**
 * @param {DeviceWish} wish
 * @param {Gpu | undefined} gpu `navigator.gpu`
 * @param {string} build of the page; another may be faster or slower
 * @param {Measured | null} [before] what this browser measured for this network, at whatever time
 * @returns {Promise<Choice>}
 */
export async function chooseDevice(wish, gpu, build, before = null) {
  const found = await look(gpu);
  const { adapter } = found;
  const holds = before && before.adapter === adapter && before.build === build;
  const measured = holds && found.gpu === 'hardware' ? before : null;
  const choice = (/** @type {Choice['kind']} */ kind, /** @type {string} */ reason) => ({
    ...{ kind, reason, measured },
    ...{ gpu: found.gpu, adapter },
  });
  if (wish === 'cpu') return choice('cpu', words.CPU_ASKED);
  if (wish === 'gpu' && found.gpu === 'software') return choice('gpu', words.SOFTWARE_ASKED);
  if (found.gpu !== 'hardware') return choice('cpu', words.cpuInstead(found.trouble));
  if (wish === 'gpu') return choice('gpu', words.GPU_ASKED);
  if (measured) return choice(faster(measured), comparison(measured));
  return choice('faster', words.GPU_TRIED);
}

/** @param {{ cpu: number, gpu: number }} milliseconds */
export const faster = ({ cpu, gpu }) => (gpu < cpu ? 'gpu' : 'cpu');

/**
 * Which is faster, and by how much, in a sentence.
 * @param {{ cpu: number, gpu: number }} milliseconds
 */
export function comparison(milliseconds) {
  const { cpu, gpu } = milliseconds;
  return faster(milliseconds) === 'gpu'
    ? words.gpuFaster(short(gpu), short(cpu))
    : words.cpuFaster(short(cpu), short(gpu));
}

/** @param {number} milliseconds */
const short = (milliseconds) => String(Number(milliseconds.toFixed(milliseconds < 10 ? 1 : 0)));

/**
 * @param {Gpu | undefined} gpu
 * @returns {Promise<{ gpu: Device['gpu'], adapter: string, trouble: string }>}
 */
async function look(gpu) {
  const no = (/** @type {string} */ trouble) =>
    /** @type {const} */ ({ gpu: 'none', adapter: '', trouble });
  if (!gpu) return no(words.NO_GPU.api);
  /** @type {Adapter | null} */
  let adapter;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch {
    return no(words.NO_GPU.refused);
  }
  if (!adapter) return no(words.NO_GPU.none);
  if (!adapter.features.has(NEEDED)) return no(words.NO_GPU.lacks(NEEDED));
  return {
    gpu: isSoftware(adapter) ? 'software' : 'hardware',
    adapter: nameOf(adapter),
    trouble: words.NO_GPU.software,
  };
}

/** @param {Adapter} adapter */
export function isSoftware(adapter) {
  const { info } = adapter;
  if (adapter.isFallbackAdapter || info?.isFallbackAdapter) return true;
  return SOFTWARE.test(nameOf(adapter));
}

/** @param {Adapter} adapter */
const nameOf = ({ info }) =>
  [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ');

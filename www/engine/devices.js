/**
 * Which device runs the classifier, and why, in one sentence. A GPU is taken
 * only when it is real hardware: a software adapter is many times slower than
 * the CPU path, so it runs only when it is asked for by name.
 */

/** The GPU runtime times its kernels and stops without this. */
const NEEDED = 'timestamp-query';

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render/i;

/**
 * @typedef {object} Choice
 * @property {'cpu' | 'gpu'} kind
 * @property {string} reason one sentence
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
 * @param {import('./types.js').DeviceWish} wish
 * @param {Gpu | undefined} gpu `navigator.gpu`
 * @returns {Promise<Choice>}
 */
export async function chooseDevice(wish, gpu) {
  if (wish === 'cpu') return { kind: 'cpu', reason: 'The CPU was asked for.' };
  const found = await look(gpu);
  if (found.adapter && (wish === 'gpu' || !found.software)) {
    return {
      kind: 'gpu',
      reason:
        wish === 'gpu'
          ? `The GPU was asked for${found.software ? '; it is only emulated in software, which is slow' : ''}.`
          : 'This browser offers a GPU through WebGPU.',
    };
  }
  return { kind: 'cpu', reason: `${found.trouble}, so the CPU does the work.` };
}

/** @param {Gpu | undefined} gpu */
async function look(gpu) {
  const no = (/** @type {string} */ trouble) => ({ adapter: null, software: false, trouble });
  if (!gpu) return no('This browser has no WebGPU');
  /** @type {Adapter | null} */
  let adapter;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch {
    return no('The browser could not open the GPU');
  }
  if (!adapter) return no('The browser has WebGPU, but no GPU for it');
  if (!adapter.features.has(NEEDED)) return no(`The GPU lacks a feature (${NEEDED})`);
  return {
    adapter,
    software: isSoftware(adapter),
    trouble: 'The only GPU here is emulated in software, which is slower',
  };
}

/** @param {Adapter} adapter */
export function isSoftware(adapter) {
  const { info } = adapter;
  if (adapter.isFallbackAdapter || info?.isFallbackAdapter) return true;
  return SOFTWARE.test(
    [info?.vendor, info?.architecture, info?.device, info?.description].join(' '),
  );
}

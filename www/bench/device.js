/** What this machine and its browser are, as far as a page may know. */

/**
 * @typedef {{ machine: string, browser: string, adapter: string }} Here
 */

/** @returns {Promise<Here>} */
export async function here() {
  return { machine: await machine(), browser: browser(), adapter: await adapter() };
}

async function machine() {
  const { userAgentData, deviceMemory, hardwareConcurrency } = /** @type {any} */ (navigator);
  let system = userAgentData?.platform || navigator.platform || 'unknown system';
  try {
    const { model, platformVersion } = await userAgentData.getHighEntropyValues([
      'model',
      'platformVersion',
    ]);
    system = [model, system, platformVersion].filter(Boolean).join(' ');
  } catch {
    // Only some browsers tell, and only on safe pages.
  }
  const memory = deviceMemory ? `, ${deviceMemory} GB or more` : '';
  return `${system}, ${hardwareConcurrency} ${hardwareConcurrency === 1 ? 'core' : 'cores'}${memory}`;
}

function browser() {
  const { userAgent } = navigator;
  const found =
    /(Edg|Firefox|HeadlessChrome|Chrome)\/[\d.]+/.exec(userAgent) ??
    /Version\/[\d.]+.*Safari/.exec(userAgent);
  const name = (found?.[0] ?? userAgent).replace('Edg/', 'Edge/').replace('Version/', 'Safari/');
  return name.replace(/^(\w+)\/([\d.]+).*$/, '$1 $2');
}

/** @returns {Promise<string>} */
function adapter() {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./adapter-worker.js', import.meta.url), {
      type: 'module',
      name: 'adapter',
    });
    const tell = (/** @type {string} */ found) => {
      worker.terminate();
      resolve(found);
    };
    worker.addEventListener('message', ({ data }) => tell(data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      tell('unknown');
    });
  });
}

/**
 * What the whole page holds where the browser tells, else what the wasm holds.
 * @param {() => Promise<number>} wasm
 */
export async function measuredMemory(wasm) {
  const { measureUserAgentSpecificMemory } = /** @type {any} */ (performance);
  if (globalThis.crossOriginIsolated && measureUserAgentSpecificMemory) {
    const { bytes } = await measureUserAgentSpecificMemory.call(performance);
    return { bytes, what: 'Of the whole page.' };
  }
  return { bytes: await wasm(), what: 'Wasm memory alone.' };
}

/**
 * Which GPU WebGPU has here. Asked in a worker, where the engine asks too: on a
 * page Chromium writes a warning into the console if there is none.
 */
import { isSoftware } from '../engine/devices.js';

async function name() {
  const { gpu } = /** @type {{ gpu?: import('../engine/devices.js').Gpu }} */ (
    /** @type {unknown} */ (navigator)
  );
  if (!gpu) return 'none (this browser has no WebGPU)';
  const adapter = await gpu
    .requestAdapter({ powerPreference: 'high-performance' })
    .catch(() => null);
  if (!adapter) return 'none (no GPU for WebGPU)';
  const { vendor, architecture, device, description } = adapter.info ?? {};
  const known = description || [vendor, architecture, device].filter(Boolean).join(' ');
  return `${known || 'unnamed'}${isSoftware(adapter) ? ' (emulated in software)' : ''}`;
}

name().then((found) => postMessage(found));

/**
 * Which device was the faster one, remembered per browser and network, so that
 * the next visit need not measure again, nor download what it will not use. The
 * memory is a convenience: it throws in private frames, and then we measure anew.
 */

/** @import { Measured } from './types.js' */

const KEY = 'foolscope-devices';

/** @param {string} network @returns {Measured | null} */
export function recall(network) {
  const kept = all()[network];
  const numbers = [kept?.cpu, kept?.gpu].every((value) => Number.isFinite(value));
  return kept && numbers ? kept : null;
}

/** @param {string} network @param {Measured} measured */
export function remember(network, measured) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all(), [network]: measured }));
  } catch {
    // No room, or not allowed here.
  }
}

/** @returns {Record<string, Measured | undefined>} */
function all() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return kept && typeof kept === 'object' ? kept : {};
  } catch {
    return {};
  }
}

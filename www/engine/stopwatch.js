/** How long a device takes for one pass, once it is warm. */

/** Passes that only prepare: shaders are compiled, buffers made, code optimised. */
const WARM = 2;
const TIMED = 5;
/** A device this many times slower than the other is not timed to the end: somebody may be waiting. */
const HOPELESS = 4;

/**
 * @param {() => Promise<number>} pass one forward pass, and its milliseconds
 * @param {number} [against] the milliseconds of the other device
 * @returns {Promise<number>} the median
 */
export async function timed(pass, against = Infinity) {
  for (let i = 0; i < WARM; i++) await pass();
  const times = [];
  while (times.length < TIMED) {
    times.push(await pass());
    if (Math.min(...times) > HOPELESS * against) break;
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

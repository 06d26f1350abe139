/** Of several runs: what is written in a cell. */

/**
 * @typedef {{ median: number, min: number, max: number, runs: number }} Summary
 */

/**
 * @param {number[]} values at least one
 * @returns {Summary}
 */
export function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1], runs: sorted.length };
}

/**
 * How the first list differs from the second, relative to the second's largest value.
 * @param {ArrayLike<number>} found
 * @param {ArrayLike<number>} expected
 */
export function relativeDifference(found, expected) {
  if (found.length !== expected.length) return Infinity;
  let [largest, difference] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const away = Math.abs(found[i] - expected[i]);
    // NaN is no small difference.
    if (!(away <= difference)) difference = Number.isNaN(away) ? Infinity : away;
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return difference / largest;
}

/**
 * How many times as fast as the best peer; null without a peer to compare with.
 * @param {number} ours
 * @param {number[]} peers medians of the same row
 * @param {boolean} moreIsBetter
 */
export function ratioToBest(ours, peers, moreIsBetter) {
  if (!peers.length) return null;
  return moreIsBetter ? ours / Math.max(...peers) : Math.min(...peers) / ours;
}

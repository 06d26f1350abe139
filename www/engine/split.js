/**
 * Who of several workers does which rows: contiguous shares in the order of the
 * workers, of whom the first is the engine's own and the others help. It has more
 * to do besides, so what does not come out even goes to the others.
 *
 * @typedef {[from: number, to: number]} Range up to, but not with, `to`
 */

/**
 * @param {number} count at least `workers`
 * @param {number} workers
 * @returns {Range[]} one a worker, none empty
 */
export function evenly(count, workers) {
  const bound = (/** @type {number} */ worker) => Math.floor((worker * count) / workers);
  return Array.from({ length: workers }, (_, worker) => [bound(worker), bound(worker + 1)]);
}

/**
 * Of which pictures each worker keeps the forward pass. Where there are fewer
 * pictures than workers, several keep that of the same one, and will share its
 * cotangents: passing forward takes a tenth of the time of walking ten back.
 * @param {number} pictures
 * @param {number} workers
 * @returns {Range[]} one a worker
 */
export function holdings(pictures, workers) {
  if (pictures >= workers) return evenly(pictures, workers);
  return Array.from({ length: workers }, (_, worker) => {
    const picture = Math.floor((worker * pictures) / workers);
    return [picture, picture + 1];
  });
}

/**
 * Who answers for the pictures themselves: of those who keep the same one, the
 * first.
 * @param {Range[]} kept
 * @returns {(Range | null)[]} one a worker
 */
export const firsts = (kept) =>
  kept.map((range, worker) => (kept[worker - 1]?.[0] === range[0] ? null : range));

/**
 * Who walks which cotangents back, `k` of them a picture.
 * @param {Range[]} kept
 * @param {number} k
 * @returns {(Range | null)[]} one a worker, in rows of all cotangents
 */
export function cotangents(kept, k) {
  /** @type {(Range | null)[]} */
  const rows = [];
  for (let first = 0; first < kept.length;) {
    const [from, to] = kept[first];
    const team = kept.filter((range) => range[0] === from).length;
    const busy = team === 1 ? 1 : Math.min(team, k);
    const parts = evenly((to - from) * k, busy);
    for (const [begin, end] of parts) rows.push([from * k + begin, from * k + end]);
    for (let idle = busy; idle < team; idle += 1) rows.push(null);
    first += team;
  }
  return rows;
}

/** Where in its region a name fits: a layout of words, for any grid of labels. */

/**
 * The middle of a box that lies wholly in the region, as far inside as there is
 * one; null where the region has no room.
 * @param {ArrayLike<number>} labels n × n, row by row from the bottom
 * @param {number} n
 * @param {number} label
 * @param {{ columns: number, rows: number }} box in cells
 * @param {(row: number, column: number) => boolean} [taken] cells that other words have
 * @returns {{ row: number, column: number } | null}
 */
export function placeFor(labels, n, label, box, taken = () => false) {
  const [half, tall] = [Math.ceil(box.columns / 2), Math.ceil(box.rows / 2)];
  const sums = new Uint32Array((n + 1) * (n + 1));
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column < n; column += 1) {
      const here = labels[row * n + column] === label && !taken(row, column) ? 1 : 0;
      sums[(row + 1) * (n + 1) + column + 1] =
        here +
        sums[row * (n + 1) + column + 1] +
        sums[(row + 1) * (n + 1) + column] -
        sums[row * (n + 1) + column];
    }
  }
  /** Cells of the region in a box that is so much larger than the words. */
  const whole = (
    /** @type {number} */ row,
    /** @type {number} */ column,
    /** @type {number} */ more,
  ) => {
    const [top, bottom] = [row - tall - more, row + tall + more + 1];
    const [left, right] = [column - half - more, column + half + more + 1];
    if (top < 0 || left < 0 || bottom > n || right > n) return false;
    const at = (/** @type {number} */ r, /** @type {number} */ c) => sums[r * (n + 1) + c];
    const inside = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left);
    return inside === (bottom - top) * (right - left);
  };
  let best = null;
  let margin = 0;
  for (let row = tall; row < n - tall; row += 1) {
    for (let column = half; column < n - half; column += 1) {
      while (whole(row, column, margin)) {
        best = { row, column };
        margin += 1;
      }
    }
  }
  return best;
}

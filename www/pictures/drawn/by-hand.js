/**
 * A digit that somebody draws, made into a picture as those of MNIST were made:
 * brought to a square of 20 pixels with its proportions kept and its edges smooth,
 * and laid on a square of 28 so that its centre of mass is in the middle (LeCun,
 * Bottou, Bengio and Haffner, Gradient-based learning applied to document
 * recognition, 1998, section III.A). A network of MNIST has never seen a digit
 * that is small or in a corner. One thing differs: the pen is always as thick as
 * most of theirs were, whatever the size that somebody drew at.
 */

/** @typedef {[x: number, y: number]} Point from 0 to 1, from the left upper corner of where it was drawn */
/** @typedef {Point[]} Stroke */

export const SIDE = 28;
const BOX = 20;
const PEN = 2.4;

/** What is smaller than this share of the drawing area is a dot, and is not blown up. */
const LEAST = 0.15;

/**
 * How the strokes come into the middle of the square: by a factor, then a shift.
 * @param {Stroke[]} strokes
 */
export function fit(strokes) {
  const all = strokes.flat();
  const [left, top] = [0, 1].map((axis) => Math.min(...all.map((point) => point[axis])));
  const [right, bottom] = [0, 1].map((axis) => Math.max(...all.map((point) => point[axis])));
  const scale = (BOX - PEN) / Math.max(right - left, bottom - top, LEAST);
  return {
    scale,
    x: SIDE / 2 - (scale * (left + right)) / 2,
    y: SIDE / 2 - (scale * (top + bottom)) / 2,
  };
}

/**
 * Of what is white, in pixels from the left upper corner.
 * @param {Uint8ClampedArray} rgba of a grey picture
 * @param {number} side
 * @returns {Point}
 */
export function centreOfMass(rgba, side) {
  let [mass, x, y] = [0, 0, 0];
  for (let at = 0; at < side * side; at += 1) {
    const light = rgba[4 * at];
    mass += light;
    x += light * ((at % side) + 0.5);
    y += light * (Math.floor(at / side) + 0.5);
  }
  return mass ? [x / mass, y / mass] : [side / 2, side / 2];
}

/** White on black, 28 pixels wide and high. @param {Stroke[]} strokes at least one */
export function asMnist(strokes) {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext('2d', { willReadFrequently: true })
  );
  const { scale, x, y } = fit(strokes);
  const drawn = (/** @type {number} */ right, /** @type {number} */ down) => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillRect(0, 0, SIDE, SIDE);
    context.setTransform(scale, 0, 0, scale, x + right, y + down);
    write(context, strokes, PEN / scale);
    return context.getImageData(0, 0, SIDE, SIDE);
  };
  const [massX, massY] = centreOfMass(drawn(0, 0).data, SIDE);
  // Drawn once more rather than moved: its edges stay as sharp as they were.
  return drawn(SIDE / 2 - massX, SIDE / 2 - massY);
}

/**
 * A round pen through the points, without corners: a curve from the middle of each
 * piece to that of the next.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 * @param {number} pen
 */
export function write(context, strokes, pen) {
  context.strokeStyle = 'white';
  context.lineWidth = pen;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) {
    const [first] = stroke;
    const last = stroke[stroke.length - 1];
    context.beginPath();
    context.moveTo(...first);
    for (let at = 1; at < stroke.length - 1; at += 1) {
      const [[x, y], [nextX, nextY]] = [stroke[at], stroke[at + 1]];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    // A stroke of one point is a dot: as long as nothing, with round ends.
    context.lineTo(...last);
    context.stroke();
  }
}

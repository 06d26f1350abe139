/**
 * The drawing of a section: regions with their patterns and names, axes in grey
 * levels, the picture, the points where the answer changes, and both directions.
 * The same for the page and for the file.
 */
import { axisTitles, levels } from '../../words/geometry.js';
import { LOOKS, fills } from './patterns.js';
import { placeFor } from './places.js';

/**
 * @import { SectionAnswers } from '../../engine/types.js'
 * @import { Kind } from './second.js'
 * @import { Ranks } from './ranks.js'
 *
 * @typedef {object} Plan
 * @property {SectionAnswers} section
 * @property {Ranks} ranks
 * @property {Kind} kind of the second direction
 * @property {number} size of the whole drawing, in pixels of the page
 * @property {number} scale device pixels to one of these
 * @property {(token: string) => string} colour
 * @property {string} font its family
 */

/** Around the square, for the axes. */
export const MARGIN = { left: 62, right: 10, top: 10, bottom: 46 };

/** The square of the map within the drawing. @param {number} size */
export const squareOf = (size) => size - MARGIN.left - MARGIN.right;

/** @param {number} size */
export const heightOf = (size) => squareOf(size) + MARGIN.top + MARGIN.bottom;

/**
 * Where a length in levels lies, as a share of the side: a point is the middle of
 * its square.
 * @param {number} value
 * @param {{ reach: number, points: number }} section
 */
export const across = (value, { reach, points: n }) => 0.5 + ((value / (2 * reach)) * (n - 1)) / n;

/** The other way, as far as the section reaches. @param {number} share @param {{ reach: number, points: number }} section */
export const levelsAt = (share, { reach, points: n }) =>
  Math.min(reach, Math.max(-reach, (share - 0.5) * 2 * reach * (n / (n - 1))));

/** @param {HTMLCanvasElement} canvas @param {Plan} plan */
export function drawPlane(canvas, plan) {
  const { size, scale, section, colour } = plan;
  canvas.width = Math.round(size * scale);
  canvas.height = Math.round(heightOf(size) * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.scale(scale, scale);
  context.fillStyle = colour('--paper');
  context.fillRect(0, 0, size, heightOf(size));
  context.translate(MARGIN.left, MARGIN.top);
  const side = squareOf(size);
  context.save();
  context.beginPath();
  context.rect(0, 0, side, side);
  context.clip();
  drawRegions(context, plan, side);
  drawDirections(context, plan, side);
  context.restore();
  drawNames(context, plan, side);
  drawAxes(context, plan, side);
  context.strokeStyle = colour('--edge-line');
  context.strokeRect(0, 0, side, side);
  canvas.dataset.classified = String(section.classified);
}

/** @param {CanvasRenderingContext2D} context @param {Plan} plan @param {number} side */
function drawRegions(context, { section, ranks, scale, colour }, side) {
  const { labels, points: n } = section;
  const cell = side / n;
  const paths = LOOKS.map(() => new Path2D());
  const borders = new Path2D();
  for (let row = 0; row < n; row += 1) {
    const y = side - (row + 1) * cell;
    for (let from = 0; from < n;) {
      const label = labels[row * n + from];
      let to = from + 1;
      while (to < n && labels[row * n + to] === label) to += 1;
      paths[ranks.of(label)].rect(from * cell, y, (to - from) * cell + 0.3, cell + 0.3);
      if (to < n) {
        borders.moveTo(to * cell, y);
        borders.lineTo(to * cell, y + cell);
      }
      from = to;
    }
    if (row === 0) continue;
    for (let column = 0; column < n; column += 1) {
      if (labels[row * n + column] === labels[(row - 1) * n + column]) continue;
      borders.moveTo(column * cell, y + cell);
      borders.lineTo((column + 1) * cell, y + cell);
    }
  }
  const patterns = fills(colour, scale);
  // A pattern's pixels are the device's own.
  for (const [rank, path] of paths.entries()) {
    const pattern = patterns[rank];
    if (pattern instanceof CanvasPattern) pattern.setTransform(new DOMMatrix().scale(1 / scale));
    context.fillStyle = pattern;
    context.fill(path);
  }
  context.strokeStyle = colour('--ink');
  context.lineWidth = 1;
  context.globalAlpha = 0.6;
  context.stroke(borders);
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Plan} plan @param {number} side */
function drawDirections(context, { section, colour }, side) {
  const { length, second, changes } = section;
  const at = (/** @type {number} */ right, /** @type {number} */ up) =>
    /** @type {[number, number]} */ ([across(right, section) * side, across(-up, section) * side]);
  context.lineWidth = 2;
  context.strokeStyle = context.fillStyle = colour('--ink');
  arrow(context, at(0, 0), at(length, 0));
  if (second) arrow(context, at(0, 0), at(second[0], second[1]));
  else arrow(context, at(0, 0), at(0, length));
  const { right, left, up, down } = changes;
  for (const [x, y] of [
    [right, 0],
    [left && -left, 0],
    [0, up],
    [0, down && -down],
  ]) {
    if (x === null || y === null || (x === 0 && y === 0)) continue;
    dot(context, at(x, y), 4.5, colour('--paper'), colour('--ink'));
  }
  dot(context, at(0, 0), 6, colour('--ink'), colour('--paper'));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} middle
 * @param {number} radius
 * @param {string} fill
 * @param {string} stroke
 */
function dot(context, [x, y], radius, fill, stroke) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fillStyle = fill;
  context.strokeStyle = stroke;
  context.lineWidth = 2;
  context.fill();
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {[number, number]} from @param {[number, number]} to */
function arrow(context, [x, y], [toX, toY]) {
  const turn = Math.atan2(toY - y, toX - x);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  context.stroke();
  context.beginPath();
  context.moveTo(toX, toY);
  for (const side of [-1, 1]) {
    context.lineTo(toX - 11 * Math.cos(turn + side * 0.4), toY - 11 * Math.sin(turn + side * 0.4));
  }
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {Plan} plan @param {number} side */
function drawNames(context, { section, ranks, font, colour }, side) {
  const { labels, points: n, reach, regions } = section;
  const cell = side / n;
  context.font = `600 13px ${font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  /** Not over the arrows. */
  const middle = (n - 1) / 2;
  const along = Math.min(n, middle + (section.length / (2 * reach)) * n + 2);
  const taken = (/** @type {number} */ row, /** @type {number} */ column) =>
    Math.abs(row - middle) * cell < 9 && column >= middle - 2 && column <= along;
  for (const { label, name } of regions) {
    if (ranks.of(label) >= LOOKS.length - 1) continue;
    const text = shortened(name);
    const width = context.measureText(text).width;
    const box = { columns: (width + 10) / cell, rows: 20 / cell };
    const place = placeFor(labels, n, label, box, taken);
    if (!place) continue;
    const [x, y] = [(place.column + 0.5) * cell, side - (place.row + 0.5) * cell];
    context.fillStyle = colour('--surface');
    context.globalAlpha = 0.85;
    context.beginPath();
    context.roundRect(x - width / 2 - 5, y - 10, width + 10, 20, 4);
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = colour('--ink');
    context.fillText(text, x, y + 0.5);
  }
}

/** @param {string} name */
const shortened = (name) => (name.length > 24 ? `${name.slice(0, 23)}…` : name);

/** @param {CanvasRenderingContext2D} context @param {Plan} plan @param {number} side */
function drawAxes(context, { section, kind, font, colour }, side) {
  const titles = axisTitles(kind);
  context.fillStyle = colour('--muted');
  context.strokeStyle = colour('--edge-line');
  context.lineWidth = 1;
  context.font = `12px ${font}`;
  for (const tick of ticksWithin(section.reach, side)) {
    const at = across(tick, section) * side;
    context.beginPath();
    context.moveTo(at, side);
    context.lineTo(at, side + 5);
    context.moveTo(0, side - at);
    context.lineTo(-5, side - at);
    context.stroke();
    context.textBaseline = 'top';
    context.textAlign = 'center';
    context.fillText(levels(tick), at, side + 8);
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    context.fillText(levels(tick), -8, side - at);
  }
  context.textBaseline = 'bottom';
  context.textAlign = 'center';
  context.fillText(titles.right, side / 2, side + MARGIN.bottom - 2, side);
  context.save();
  context.rotate(-Math.PI / 2);
  context.textBaseline = 'top';
  context.fillText(titles.up, -side / 2, -MARGIN.left + 2, side);
  context.restore();
}

/** Round numbers, with 0 among them. @param {number} reach @param {number} side */
export function ticksWithin(reach, side) {
  const room = Math.max(2, side / 60);
  const rough = (2 * reach) / room;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough) ?? rough;
  const most = Math.floor(reach / step + 1e-9);
  return Array.from({ length: 2 * most + 1 }, (_, index) =>
    Number(((index - most) * step).toPrecision(6)),
  );
}

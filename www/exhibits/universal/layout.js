/**
 * Where the classes of a graph stand: forces pull what an arrow joins together
 * and push the rest apart (d3-force). The same graph always comes out the same.
 */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force';

/**
 * @import { LabelGraphFound } from '../../engine/types.js'
 *
 * @typedef {object} Place
 * @property {number} label
 * @property {string} name
 * @property {number} pictures
 * @property {number} left
 * @property {number} attracted
 * @property {number} radius
 * @property {number} x
 * @property {number} y
 *
 * @typedef {{ source: Place, target: Place, pictures: number, of: number }} Arrow
 * @typedef {{ places: Place[], arrows: Arrow[] }} Plan
 */

/** The most attractive class is drawn with this radius, and one that attracts nobody with that. */
const LARGEST = 34;
const SMALLEST = 3.5;
/** Fewer classes than this have room for their names. */
export const FEW = 30;

const TICKS = 220;
/** Milliseconds that the page may be busy at a time. */
const SLICE = 12;

/**
 * Only classes that an arrow joins, as Graphviz gets them.
 * @param {LabelGraphFound} graph
 * @param {AbortSignal} signal
 * @returns {Promise<Plan>}
 */
export async function layOut({ vertices, edges }, signal) {
  const joined = new Set(edges.flatMap(({ from, to }) => [from, to]));
  /** @type {Place[]} */
  const places = vertices
    .filter(({ label }) => joined.has(label))
    .map((vertex) => ({ ...vertex, radius: SMALLEST, x: NaN, y: NaN }));
  const most = Math.max(1, ...places.map(({ attracted }) => attracted));
  for (const place of places)
    place.radius += (LARGEST - SMALLEST) * Math.sqrt(place.attracted / most);
  const few = places.length < FEW;
  // A place that is not a number is d3's to choose: on a spiral, always the same.
  const at = new Map(places.map((place) => [place.label, place]));
  const arrows = edges.map(({ from, to, pictures, of }) => ({
    source: /** @type {Place} */ (at.get(from)),
    target: /** @type {Place} */ (at.get(to)),
    pictures,
    of,
  }));
  const simulation = forceSimulation(places)
    .force(
      'link',
      forceLink(arrows).distance(
        ({ source, target }) => (few ? 90 : 16) + source.radius + target.radius,
      ),
    )
    .force(
      'charge',
      forceManyBody()
        .strength(few ? -240 : -18)
        .distanceMax(300),
    )
    .force(
      'collide',
      forceCollide().radius(({ radius }) => radius + (few ? 14 : 2)),
    )
    .force('x', forceX().strength(0.05))
    .force('y', forceY().strength(0.05))
    .alphaDecay(1 - 0.001 ** (1 / TICKS))
    .stop();
  let begun = performance.now();
  for (let tick = 0; tick < TICKS; tick += 1) {
    simulation.tick();
    if (performance.now() - begun < SLICE) continue;
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
    begun = performance.now();
  }
  return { places, arrows };
}

/** At least so large, so that names keep their size beside few classes. */
const ROOM = { width: 380, height: 320 };

/** The box around all of it. @param {Place[]} places */
export function boundsOf(places) {
  const [left, right] = edgesOf(places, 'x');
  const [top, bottom] = edgesOf(places, 'y');
  const margin = 24;
  const width = Math.max(ROOM.width, right - left + 2 * margin);
  const height = Math.max(ROOM.height, bottom - top + 2 * margin);
  return { x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height };
}

/** @param {Place[]} places @param {'x' | 'y'} axis */
const edgesOf = (places, axis) => [
  Math.min(...places.map((place) => place[axis] - place.radius)),
  Math.max(...places.map((place) => place[axis] + place.radius)),
];

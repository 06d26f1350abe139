/**
 * Things of CIFAR-10's ten classes, drawn here in a few shapes on a square of 32
 * units: photographs of them with a free licence do not come with the packages
 * that the page takes its photos from, but for the cat.
 */
import * as words from '../../words/pictures.js';

/** @typedef {import('../samples.js').Drawn} Drawn */

/** A shape: its colour, and its path as in SVG. @typedef {[colour: string, path: string]} Shape */

/** @type {{ id: keyof typeof words.THINGS, ground: [string, string], shapes: Shape[] }[]} */
const THINGS = [
  {
    id: 'airplane',
    ground: ['#7fb2e6', '#d3e6f7'],
    shapes: [
      [
        '#e9edf2',
        'M2 16.5C6 14 20 13.5 27 14.5c2.5.4 3.5 1.5 3.5 2S28 18.5 24 18.7C16 19 8 19 4.5 18Z',
      ],
      ['#c3ccd6', 'M12 16.5 19 16.5 10.5 25 7.5 25Z'],
      ['#aeb9c6', 'M13.5 14.5 18 14.3 12 8.5 10 8.5Z'],
      ['#d23b3b', 'M2 16.5 6.5 15.5 4 9.5 1.5 9.5Z'],
      ['#4a5a6a', 'M26 15.2 28.3 15.7 28 16.3 25.5 16.2Z'],
    ],
  },
  {
    id: 'automobile',
    ground: ['#dfe6ea', '#8d9296'],
    shapes: [
      ['#6f7478', 'M0 24H32V32H0Z'],
      [
        '#c8202a',
        'M2.5 19c0-2 1-3 4-3.5L10 11c.5-.7 1-1 2-1h8c1.2 0 2 .4 2.7 1.2L26 15.5c2.5.4 4 1.5 4 3.5v5H2.5Z',
      ],
      ['#1f2c38', 'M9 15.3 11.5 11.6H15.5V15.3ZM16.5 11.6H20l3 3.7H16.5Z'],
      [
        '#15171a',
        'M5 24a3.5 3.5 0 1 1 7 0 3.5 3.5 0 1 1-7 0ZM20.5 24a3.5 3.5 0 1 1 7 0 3.5 3.5 0 1 1-7 0Z',
      ],
      [
        '#b9bec4',
        'M7.2 24a1.3 1.3 0 1 1 2.6 0 1.3 1.3 0 1 1-2.6 0ZM22.7 24a1.3 1.3 0 1 1 2.6 0 1.3 1.3 0 1 1-2.6 0Z',
      ],
      ['#f5e6a8', 'M28 17.5H30V19.5H28Z'],
    ],
  },
  {
    id: 'bird',
    ground: ['#9fb86f', '#5f7d3c'],
    shapes: [
      ['#6b4a2b', 'M0 25.5C10 23.5 22 26.5 32 24.5V27C22 29 10 26 0 28Z'],
      ['#8a5a34', 'M6 21 1 27 9 23.5Z'],
      ['#a0683c', 'M6 20C7 14 13 10.5 18 10c1-3.5 7-4 8 0 1 5-3 13-11 14.5C10 25 6.5 23.5 6 20Z'],
      ['#e7c49a', 'M16 23.5C21 21.5 24.5 17 25 12.5 23 15 18 18 14.5 23Z'],
      ['#5e3b21', 'M8 18.5C11 15.5 15 15 18 16 15 20 11.5 21.5 8 21Z'],
      ['#e0a030', 'M26 9.5 29.5 10.8 26 11.5Z'],
      ['#101010', 'M22.8 9.6a.9.9 0 1 1 1.8 0 .9.9 0 1 1-1.8 0Z'],
      ['#3c2a18', 'M14 24.5H15V27H14ZM17 24H18V26.5H17Z'],
    ],
  },
  {
    id: 'deer',
    ground: ['#a9c07a', '#6f8a45'],
    shapes: [
      [
        '#9a6a3c',
        'M6 15.5C9 13.5 16 14 19.5 13.5L23 7l3.5.5L29 9.5 26.5 11 24.5 11.5C24 15.5 22 18.5 20.5 20H8.5C6.5 19.5 5.5 17 6 15.5Z',
      ],
      [
        '#8a5c32',
        'M7 18.5H9V29H7.3ZM10.5 19H12.3V28.5H11ZM17.5 19H19.3V29H18ZM20.3 18.5 21.8 18 22 28.5H20.7Z',
      ],
      [
        '#5c3d20',
        'M23.3 7 21.5 2 22.3 1.8 24 5 24 1.5 24.8 1.5 25 7ZM25.5 7 27.5 2.5 28.3 3 26.5 7.2Z',
      ],
      ['#f0e4d0', 'M5.5 15.5 7 15 7 17.5 5.5 17.5Z'],
    ],
  },
  {
    id: 'dog',
    ground: ['#c9c2b4', '#8f8573'],
    shapes: [
      ['#c79a5b', 'M8 32C7 25 9 21 16 21s9 4 8 11Z'],
      ['#d6ab6c', 'M8.5 11C9 6.5 12 5 16 5s7 1.5 7.5 6c.5 6-2.5 11.5-7.5 11.5S8 17 8.5 11Z'],
      [
        '#7a4f28',
        'M10.5 6C7 5.5 5 8.5 5 13c0 3 1.5 4.5 2.5 4 1.5-.8 2-6 3-9ZM21.5 6C25 5.5 27 8.5 27 13c0 3-1.5 4.5-2.5 4-1.5-.8-2-6-3-9Z',
      ],
      [
        '#f1dfc2',
        'M12.5 15.5C13 13.5 14.5 13 16 13s3 .5 3.5 2.5c.5 3-1 5.5-3.5 5.5s-4-2.5-3.5-5.5Z',
      ],
      [
        '#151515',
        'M14.3 14.5C14.5 13.6 15.2 13.5 16 13.5s1.5.1 1.7 1c0 1.2-.9 1.8-1.7 1.8s-1.7-.6-1.7-1.8ZM11.5 11a1.1 1.1 0 1 1 2.2 0 1.1 1.1 0 1 1-2.2 0ZM18.3 11a1.1 1.1 0 1 1 2.2 0 1.1 1.1 0 1 1-2.2 0Z',
      ],
    ],
  },
  {
    id: 'frog',
    ground: ['#7d6a4a', '#54462f'],
    shapes: [
      [
        '#5f8f2e',
        'M3 24C3 19 7 18.5 10 19.5 12 14 20 14 22 19.5c3-1 7-.5 7 4.5 0 3-4 4-7 3H10C7 28 3 27 3 24Z',
      ],
      ['#74a83a', 'M7.5 17C7.5 11.5 12 10 16 10s8.5 1.5 8.5 7c0 4.5-4 7-8.5 7s-8.5-2.5-8.5-7Z'],
      ['#6a9c34', 'M8 11.5a3 3 0 1 1 6 0 3 3 0 1 1-6 0ZM18 11.5a3 3 0 1 1 6 0 3 3 0 1 1-6 0Z'],
      [
        '#101408',
        'M9.7 11.3a1.3 1.3 0 1 1 2.6 0 1.3 1.3 0 1 1-2.6 0ZM19.7 11.3a1.3 1.3 0 1 1 2.6 0 1.3 1.3 0 1 1-2.6 0Z',
      ],
      ['#c9d79a', 'M10 20C13 22.5 19 22.5 22 20 21 23 18.5 24 16 24s-5-1-6-4Z'],
    ],
  },
  {
    id: 'horse',
    ground: ['#bcd3e6', '#7f9a52'],
    shapes: [
      ['#6f8f45', 'M0 22H32V32H0Z'],
      [
        '#7a431f',
        'M5 14.5C8 12.5 16 13.5 19.5 12.5L22.5 6 25 4.5 25.5 6 29.5 10.5 28.5 12.5 25 11 23.5 16C23.5 18.5 22 20 20.5 20.5H8C5.5 20 4.5 17 5 14.5Z',
      ],
      [
        '#6a3818',
        'M5.5 18H8.5L8 23.5 8.5 29H6.5ZM9.5 19.5H11.5L11 28.5H9.8ZM17.5 19.5H19.7L19.5 28.5H18ZM20.5 18.5 23 17.5 22.5 29H20.8Z',
      ],
      [
        '#25140a',
        'M22.5 5.5C20 7.5 18.5 10.5 17.5 13L20 13.5C21 10.5 22.5 8 24 6ZM5.5 14.5C3 15.5 2 19 2.5 23.5 4.5 21.5 5.5 18 6 16Z',
      ],
    ],
  },
  {
    id: 'ship',
    ground: ['#a9c9e8', '#dcebf6'],
    shapes: [
      ['#2f6596', 'M0 22H32V32H0Z'],
      ['#f4f4f2', 'M9 14H22V19H9ZM11.5 10.5H19.5V14H11.5Z'],
      ['#c33a2e', 'M14 5.5H17.5V10.5H14Z'],
      ['#1c2836', 'M14 5.5H17.5V7H14ZM2.5 18.5H30L26.5 24.5H6Z'],
      ['#b5322a', 'M5.2 23H27.4L26.5 24.5H6Z'],
      ['#31465c', 'M10 15.5H12V17H10ZM13.5 15.5H15.5V17H13.5ZM17 15.5H19V17H17Z'],
      ['#5d8fbd', 'M0 25C6 24 10 26 16 25s10 1 16 0V26.5C26 27.5 22 25.5 16 26.5S6 25.5 0 26.5Z'],
    ],
  },
  {
    id: 'truck',
    ground: ['#cfdbe4', '#9aa0a4'],
    shapes: [
      ['#74797d', 'M0 24.5H32V32H0Z'],
      ['#e9e6de', 'M2 7.5H20V22H2Z'],
      ['#2f62a8', 'M21 11H26.5L29.5 16V23H21Z'],
      ['#22303d', 'M22.3 12.5H25.7L28 16H22.3Z'],
      ['#3a3f44', 'M2 22H30V23.7H2Z'],
      [
        '#131416',
        'M4.5 24.5a2.7 2.7 0 1 1 5.4 0 2.7 2.7 0 1 1-5.4 0ZM11 24.5a2.7 2.7 0 1 1 5.4 0 2.7 2.7 0 1 1-5.4 0ZM22.5 24.5a2.7 2.7 0 1 1 5.4 0 2.7 2.7 0 1 1-5.4 0Z',
      ],
      ['#b8342c', 'M2 12H20V14H2Z'],
    ],
  },
];

const ZOOM = 10;
const SIDE = 32;

/** Seen from a little nearer, turned round, or a little to one side. */
const VIEWS = [
  { zoom: 1, turned: false, x: 0 },
  { zoom: 1, turned: true, x: 0 },
  { zoom: 1.1, turned: false, x: 0.6 },
  { zoom: 1.1, turned: true, x: -0.6 },
];

/** @returns {Drawn[]} */
export const things = () =>
  THINGS.map(({ id, ground, shapes }) => ({
    id: `drawn-${id}`,
    title: words.THINGS[id],
    side: SIDE * ZOOM,
    views: VIEWS.length,
    draw: (context, view) => draw(context, ground, shapes, VIEWS[view]),
  }));

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[string, string]} ground from top to bottom
 * @param {Shape[]} shapes
 * @param {typeof VIEWS[number]} view
 */
function draw(context, [top, bottom], shapes, { zoom, turned, x }) {
  context.scale(ZOOM, ZOOM);
  const fill = context.createLinearGradient(0, 0, 0, SIDE);
  fill.addColorStop(0, top);
  fill.addColorStop(1, bottom);
  context.fillStyle = fill;
  context.fillRect(0, 0, SIDE, SIDE);
  context.translate(SIDE / 2 + x, SIDE / 2);
  context.scale(turned ? -zoom : zoom, zoom);
  context.translate(-SIDE / 2, -SIDE / 2);
  for (const [colour, path] of shapes) {
    context.fillStyle = colour;
    context.fill(new Path2D(path));
  }
}

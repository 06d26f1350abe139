/** The colours and patterns of regions: told apart in grey too. */

/** Of each rank: the colour's token, and how it is hatched. The last is everybody else's. */
export const LOOKS = [
  { token: '--chart-blue', hatch: 'none' },
  { token: '--chart-vermilion', hatch: 'rising' },
  { token: '--chart-green', hatch: 'dots' },
  { token: '--chart-purple', hatch: 'level' },
  { token: '--chart-orange', hatch: 'falling' },
  { token: '--chart-sky', hatch: 'upright' },
  { token: '--chart-yellow', hatch: 'grid' },
  { token: '--ink', hatch: 'crossed' },
  { token: '--neutral', hatch: 'none' },
];

/** Pixels from one line to the next. */
const TILE = 8;

/** The lines of a tile, each from and to. @type {Record<string, number[][]>} */
const LINES = {
  rising: [
    [-1, 1, 1, -1],
    [0, TILE, TILE, 0],
    [TILE - 1, TILE + 1, TILE + 1, TILE - 1],
  ],
  falling: [
    [-1, TILE - 1, 1, TILE + 1],
    [0, 0, TILE, TILE],
    [TILE - 1, -1, TILE + 1, 1],
  ],
  level: [[0, TILE / 2, TILE, TILE / 2]],
  upright: [[TILE / 2, 0, TILE / 2, TILE]],
};
LINES.grid = [...LINES.level, ...LINES.upright];
LINES.crossed = [...LINES.rising, ...LINES.falling];

/**
 * What each rank is filled with, for a canvas.
 * @param {(token: string) => string} colour of a token, as a canvas takes it
 * @param {number} scale device pixels to one of the page
 * @returns {(string | CanvasPattern)[]}
 */
export function fills(colour, scale) {
  return LOOKS.map(({ token, hatch }) => {
    const tile = document.createElement('canvas');
    tile.width = tile.height = TILE * scale;
    const context = /** @type {CanvasRenderingContext2D} */ (tile.getContext('2d'));
    context.scale(scale, scale);
    context.fillStyle = colour('--surface');
    context.fillRect(0, 0, TILE, TILE);
    context.fillStyle = context.strokeStyle = colour(token);
    context.globalAlpha = 0.4;
    context.fillRect(0, 0, TILE, TILE);
    context.globalAlpha = 0.55;
    context.lineWidth = 1.25;
    for (const [x, y, toX, toY] of LINES[hatch] ?? []) {
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(toX, toY);
      context.stroke();
    }
    if (hatch === 'dots') {
      context.beginPath();
      context.arc(TILE / 2, TILE / 2, 1.5, 0, 7);
      context.fill();
    }
    return context.createPattern(tile, 'repeat') ?? colour(token);
  });
}

/** The look of a rank in a legend. @param {HTMLCanvasElement} canvas @param {string | CanvasPattern} fill */
export function drawSwatch(canvas, fill) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = fill;
  context.fillRect(0, 0, canvas.width, canvas.height);
}

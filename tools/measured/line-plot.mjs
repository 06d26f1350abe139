/** A plot of fooling rates as SVG: lines over a logarithmic axis, each with its name at its end. */

const [width, height, left, right, top, bottom] = [640, 360, 56, 150, 24, 48];
/** Told apart by the colour-blind as well (Okabe and Ito). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {{ x: number, y: number }[]} points `y` is a share from 0 to 1
 */

/**
 * @param {object} plot
 * @param {string} plot.title
 * @param {string} plot.axis
 * @param {number[]} plot.ticks those inside are shown
 * @param {Line[]} plot.lines
 */
export function linePlot({ title, axis, ticks, lines }) {
  const all = lines.flatMap(({ points }) => points.map((point) => point.x));
  const [first, last] = [Math.min(...all) / 1.3, Math.max(...all) * 1.3].map(Math.log10);
  const across = (/** @type {number} */ value) =>
    left + ((Math.log10(value) - first) / (last - first)) * (width - left - right);
  const down = (/** @type {number} */ share) => top + (1 - share) * (height - top - bottom);

  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${left}" x2="${width - right}" y1="${down(share)}" y2="${down(share)}" stroke="#ccc"/>` +
      text(left - 8, down(share) + 4, `${100 * share} %`, 'end'),
  );
  const marks = ticks
    .filter((value) => Math.log10(value) > first && Math.log10(value) < last)
    .map((value) => text(across(value), height - bottom + 18, value.toLocaleString('en')));

  const ends = apart(lines.map(({ points }) => down(points[points.length - 1].y)));
  const drawn = lines.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const at = points.map(({ x, y }) => [across(x).toFixed(1), down(y).toFixed(1)]);
    const dots = at.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
    const end = text(across(points[points.length - 1].x) + 8, ends[index] + 4, name, 'start');
    return (
      `<polyline points="${at.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>` +
      `${dots.join('')}<g fill="${colour}">${end}</g>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="white"/>
${[...grid, ...marks, ...drawn].join('\n')}
${text((left + width - right) / 2, height - 8, axis)}
</svg>
`;
}

/** Heights moved so that names a line high do not lie on each other. @param {number[]} heights */
function apart(heights) {
  const order = heights.map((_, index) => index).sort((a, b) => heights[a] - heights[b]);
  const moved = [...heights];
  for (let at = 1; at < order.length; at += 1) {
    moved[order[at]] = Math.max(moved[order[at]], moved[order[at - 1]] + 15);
  }
  return moved;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 */
function text(x, y, words, anchor = 'middle') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
}

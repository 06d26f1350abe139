/**
 * How fast a universal perturbation learns, drawn from the reports of
 * `lab universal`:
 *
 *   node tools/plots/rate-vs-gradients.mjs OUT.json OUT.svg REPORT.json…
 *
 * OUT.json keeps of each report what the drawing shows and how it was made.
 */
import { readFile, writeFile } from 'node:fs/promises';

const [json, svg, ...reports] = process.argv.slice(2);
if (!reports.length) {
  console.error('usage: node tools/plots/rate-vs-gradients.mjs OUT.json OUT.svg REPORT.json…');
  process.exit(1);
}

/** @typedef {{ method: string, gradients: number[], own: number[], others: number[] }} Series */

/** @type {Series[]} */
const series = await Promise.all(
  reports.map(async (file) => {
    const report = JSON.parse(await readFile(file, 'utf8'));
    const { method, norm, radius, pictures, seed, command, network, device, machine } = report;
    const how = { method, norm, radius, pictures, seed, command, network, device, machine };
    return {
      ...how,
      gradients: report.gradientsByPass,
      own: report.rateByPass,
      others: report.otherRateByPass,
    };
  }),
);
await writeFile(json, `${JSON.stringify({ series }, null, 2)}\n`);
await writeFile(svg, draw());

function draw() {
  const [width, height, left, right, top, bottom] = [640, 360, 56, 130, 24, 48];
  const all = series.flatMap(({ gradients }) => gradients);
  const [first, last] = [Math.min(...all) / 1.3, Math.max(...all) * 1.3].map(Math.log10);
  const x = (/** @type {number} */ count) =>
    left + ((Math.log10(count) - first) / (last - first)) * (width - left - right);
  const y = (/** @type {number} */ rate) => top + (1 - rate) * (height - top - bottom);
  const text = (
    /** @type {number} */ atX,
    /** @type {number} */ atY,
    /** @type {string} */ words,
    anchor = 'middle',
  ) => `<text x="${atX}" y="${atY}" text-anchor="${anchor}">${words}</text>`;
  const colours = ['#0072b2', '#d55e00', '#009e73'];

  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (rate) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(rate)}" y2="${y(rate)}" stroke="#ccc"/>` +
      text(left - 8, y(rate) + 4, `${100 * rate} %`, 'end'),
  );
  const ticks = [100, 300, 1000, 3000, 10000, 30000, 100000]
    .filter((count) => Math.log10(count) > first && Math.log10(count) < last)
    .map((count) => text(x(count), height - bottom + 18, count.toLocaleString('en')));
  const lines = series.map(({ method, gradients, others, own }, index) => {
    const colour = colours[index % colours.length];
    const path = (/** @type {number[]} */ rates) =>
      gradients.map((count, pass) => `${x(count).toFixed(1)},${y(rates[pass]).toFixed(1)}`);
    const dots = path(others).map((at) => {
      const [cx, cy] = at.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
    });
    const end = gradients.length - 1;
    const label = `<g fill="${colour}">${text(x(gradients[end]) + 8, y(others[end]) + 4, method, 'start')}</g>`;
    const line = (/** @type {number[]} */ rates, /** @type {string} */ dash) =>
      `<polyline points="${path(rates).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
    return (
      line(others, '') + line(own, ' stroke-dasharray="4 4" opacity="0.6"') + dots.join('') + label
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
<title>Fooling rate against gradient evaluations</title>
<rect width="${width}" height="${height}" fill="white"/>
${[...grid, ...ticks, ...lines].join('\n')}
${text((left + width - right) / 2, height - 8, 'gradient evaluations (solid: other pictures; dashed: those it learns from)')}
</svg>
`;
}

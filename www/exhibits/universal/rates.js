/** The chart: how many pictures are fooled after so many gradients, by both methods. */
import { CHART, METHOD, seriesName } from '../../words/universal.js';

/**
 * @import { Method, Run } from './run.js'
 * @typedef {{ gradients: number, method: string, pictures: string, rate: number }} Row
 */

/** As the colours are given. @type {Method[]} */
const ORDER = ['stochastic', 'original'];

/** @param {Run[]} runs */
const rowsOf = (runs) =>
  runs.flatMap((run) => {
    const method = METHOD[run.method].title;
    return pointsOf(run).flatMap(({ gradients, own, others }) => [
      ...(others === null ? [] : [{ gradients, method, pictures: CHART.others, rate: others }]),
      ...(own === null ? [] : [{ gradients, method, pictures: CHART.own, rate: own }]),
    ]);
  });

/** Those after each pass, and where it is now. @param {Run} run */
function pointsOf({ points, progress }) {
  const last = points[points.length - 1];
  const { gradientEvaluations: gradients = 0, runningRate: own = null } = progress ?? {};
  return gradients > last.gradients ? [...points, { gradients, own, others: null }] : points;
}

export const columns = [
  { key: 'method', title: CHART.method },
  { key: 'pictures', title: CHART.pictures },
  { key: 'gradients', title: CHART.gradients },
  { key: 'rate', title: CHART.rate, format: CHART.percent },
];

/** @param {Row[]} rows @param {boolean} targeted */
const specOf = (rows, targeted) => ({
  x: { label: CHART.gradients },
  y: { label: targeted ? CHART.rateTargeted : CHART.rate, domain: [0, 1], tickFormat: '%' },
  height: 260,
  marks: (/** @type {any} */ Plot, /** @type {any} */ colours) =>
    ORDER.flatMap((method, series) => {
      const stroke = colours.series[series];
      const dash = colours.dashes[series];
      const of = rows.filter((row) => row.method === METHOD[method].title);
      const others = of.filter(({ pictures }) => pictures === CHART.others);
      const own = of.filter(({ pictures }) => pictures === CHART.own);
      const at = { x: 'gradients', y: 'rate', stroke };
      return [
        Plot.line(own, { ...at, strokeWidth: 1, strokeDasharray: dash }),
        Plot.line(others, { ...at, strokeWidth: 2, strokeDasharray: dash }),
        Plot.dot(others, { ...at, fill: stroke, r: 3.5, symbol: colours.symbols[series] }),
      ];
    }),
  legend: ORDER.flatMap((method, series) => [
    { label: seriesName(method, CHART.others), series },
    { label: seriesName(method, CHART.own), series, dot: false },
  ]),
});

/** The same objects as long as there is nothing more to draw. */
export class Rates {
  #drawn = '';
  #chart = { rows: rowsOf([]), spec: specOf([], false) };

  /** @param {Run[]} runs */
  of(runs) {
    const targeted = runs.some(({ job }) => job.wish.target >= 0);
    const rows = rowsOf(runs);
    const now = JSON.stringify([rows, targeted]);
    if (now !== this.#drawn) {
      this.#drawn = now;
      this.#chart = { rows, spec: specOf(rows, targeted) };
    }
    return this.#chart;
  }
}

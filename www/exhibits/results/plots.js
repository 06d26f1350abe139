/** The curves beside some tables. */
import { METHODS, methodBy, plots as words } from '../../words/results.js';

/**
 * @import { Colours } from '../../parts/chart-colours.js'
 * @import { Plot, Spec } from '../../parts/chart.js'
 * @import { Column as ChartColumn } from '../../words/chart.js'
 * @import { File, Row, Table } from './table.js'
 *
 * @typedef {{ label: string, spec: Spec, rows: any[], columns: ChartColumn[] }} PlotOf
 * @typedef {{ series: string, x: number, y: number }} Point
 */

/**
 * A line a series, each with its own colour, shape and dash.
 * @param {{ label: string, x: string, y: string }} text
 * @param {Point[]} points
 * @param {{ x?: object, y?: object, dots?: boolean, rule?: number }} [more]
 * @returns {PlotOf | null}
 */
function lines(text, points, { x = {}, y = {}, dots = true, rule } = {}) {
  const names = [...new Set(points.map(({ series }) => series))];
  if (!names.length) return null;
  return {
    label: text.label,
    rows: points,
    columns: [
      { key: 'series', title: words.series },
      { key: 'x', title: text.x },
      { key: 'y', title: text.y },
    ],
    spec: {
      x: { label: text.x, ...x },
      y: { label: text.y, ...y },
      legend: names.map((label, series) => ({ label, series, dot: dots })),
      marks: (/** @type {Plot} */ plot, /** @type {Colours} */ colours) => [
        ...(rule === undefined ? [] : [plot.ruleY([rule], { stroke: colours.muted })]),
        ...names.flatMap((name, place) => {
          const own = points.filter(({ series }) => series === name);
          const colour = colours.series[place];
          const line = plot.line(own, {
            x: 'x',
            y: 'y',
            stroke: colour,
            strokeWidth: 2,
            strokeDasharray: colours.dashes[place],
          });
          const symbol = /** @type {any} */ (colours.symbols[place]);
          return dots
            ? [line, plot.dot(own, { x: 'x', y: 'y', fill: colour, symbol, r: 4 })]
            : [line];
        }),
      ],
    },
  };
}

/** @param {Row} row @param {string} key @param {number} [times] @returns {number[]} */
const valueOf = ({ cells }, key, times = 1) => (cells[key] ? [cells[key].value * times] : []);

const whole = { domain: [0, 100] };

/** @param {Table} table */
export function ratio({ rows }) {
  const points = rows.flatMap(({ text, cells, kind }) =>
    kind !== rows[0].kind
      ? []
      : Object.entries(cells).flatMap(([key, { value }]) => {
          const [over, under = '1'] = key.split('/');
          const x = Number(over) / Number(under);
          return Number.isFinite(x) ? [{ series: text.network, x, y: value }] : [];
        }),
  );
  return lines(words.ratio, points, { x: { type: 'log' }, rule: 1 });
}

/** @param {Table} table */
export const byPictures = ({ rows }) =>
  lines(
    words.pictures,
    rows
      .filter(({ text }) => text.norm === rows[0].text.norm)
      .flatMap((row) =>
        valueOf(row, 'others', 100).map((y) => ({
          series: row.text.network,
          x: row.cells.learnt.value,
          y,
        })),
      ),
    { x: { type: 'log' }, y: whole },
  );

/** @param {Table} table */
export const byGradients = ({ rows }) =>
  lines(
    words.gradients,
    rows.flatMap((row) =>
      valueOf(row, 'others', 100).map((y) => ({
        series: row.text.method,
        x: row.cells.gradients.value,
        y,
      })),
    ),
    { x: { type: 'log' }, y: whole },
  );

/** @param {Table} table */
export const byRounds = ({ rows }) =>
  lines(
    words.rounds,
    rows.flatMap((row) =>
      valueOf(row, 'rate', 100).map((y) => ({
        series: row.text.network,
        x: row.cells.round.value,
        y,
      })),
    ),
    { x: { ticks: 5 }, y: whole },
  );

/** Of the same norm, and of all programs not more than there are colours. */
const COMPARED = [
  ...['fmn-l2', 'alma', 'foolbox-deepfool'],
  ...['deepfool', 'super-deepfool', 'lbfgs', 'smallest'],
];

/** @param {{ series: { norm: string, by: string, method: string, gradients: number[], medians: number[] }[] }} file */
export const byCost = ({ series }) =>
  lines(
    words.peers,
    COMPARED.flatMap((name) => series.filter(({ method }) => method === name)).flatMap(
      ({ by, method, gradients, medians }) =>
        medians.map((y, at) => ({
          series: methodBy(METHODS[method], by),
          x: gradients[at],
          y,
        })),
    ),
    { x: { type: 'log' } },
  );

/** Less is what single precision leaves of zero. */
const LEAST = 1e-3;

/** Points of a curve that are drawn, evenly on a logarithmic axis. */
const DRAWN = 60;

/** @param {File} file */
export function singularValues({ entries }) {
  const own = entries.filter(({ values }) => values?.normals);
  const taken = (/** @type {number[]} */ values) =>
    [
      ...new Set(
        Array.from({ length: DRAWN }, (_, step) =>
          Math.round(values.length ** (step / (DRAWN - 1))),
        ),
      ),
    ]
      .map((x) => ({ x, y: values[x - 1] }))
      .filter(({ y }) => y > LEAST);
  const points = own.flatMap(({ title, values }) =>
    taken(values.normals).map((point) => ({ series: title, ...point })),
  );
  const chart = lines(words.normals, points, {
    x: { type: 'log' },
    y: { type: 'log' },
    dots: false,
  });
  if (!chart) return null;
  const { marks } = chart.spec;
  chart.spec.marks = (plot, colours, place) => [
    ...own.map(({ values }) =>
      plot.line(taken(values.random), {
        x: 'x',
        y: 'y',
        stroke: colours.muted,
        strokeOpacity: 0.7,
      }),
    ),
    ...marks(plot, colours, place),
  ];
  return chart;
}

/** The two charts on normals: their rows, columns and marks. */
import { chart as words } from '../../words/geometry.js';

/**
 * @import { NormalsFound } from '../../engine/types.js'
 * @import { Colours } from '../../parts/chart-colours.js'
 * @import { Plot, Spec } from '../../parts/chart.js'
 *
 * Computed beforehand, by `lab normals`.
 * @typedef {object} Shipped
 * @property {string} title of the network
 * @property {number[]} normals singular values
 * @property {number[]} random of random vectors
 * @property {number[] | null} universal share of a universal noise
 * @property {number[]} randomShare of random vectors, on average
 *
 * @typedef {{ index: number } & Record<string, number | undefined>} Row
 */

/** Rows of a table that somebody reads, evenly on a logarithmic axis. */
const ROWS = 60;

/** Less of a length is nothing: single precision leaves as much. */
const LEAST = 1e-3;

/**
 * @param {any} file results/normals.json
 * @param {string} network
 * @returns {Shipped | null}
 */
export function shippedOf(file, network) {
  /** @type {any[]} */
  const own = file?.entries?.filter((/** @type {any} */ entry) => entry.network === network) ?? [];
  const values = own.find(({ values }) => values?.normals);
  if (!values) return null;
  const shares = own.find(({ values }) => values?.perturbation)?.values;
  return {
    title: values.title,
    normals: values.values.normals,
    random: values.values.random,
    universal: shares?.perturbation ?? null,
    randomShare: shares?.random.map((/** @type {{ value: number }} */ { value }) => value) ?? [],
  };
}

/** @param {Shipped | null} shipped @param {NormalsFound | null} found @returns {Row[]} */
export function rowsOf(shipped, found) {
  const most = Math.max(shipped?.normals.length ?? 0, found?.count ?? 0);
  const steps = Array.from({ length: ROWS }, (_, step) => Math.round(most ** (step / (ROWS - 1))));
  const ends = found ? [found.count] : [];
  const indices = [...new Set([...steps, ...ends])].sort((a, b) => a - b);
  return indices
    .filter((index) => index >= 1 && index <= most)
    .map((index) => ({
      index,
      shippedNormals: shipped?.normals[index - 1],
      shippedRandom: shipped?.random[index - 1],
      universal: shipped?.universal?.[index - 1],
      random: shipped?.randomShare[index - 1],
      ownNormals: found?.singularValues[index - 1],
      ownRandom: found?.randomSingularValues[index - 1],
      ownUniversal: found?.shares?.[index - 1],
      ownRandomShare: found?.randomShares[index - 1],
    }));
}

/** @param {Shipped | null} shipped @param {NormalsFound | null} found */
export function columnsOf(shipped, found) {
  const many = shipped?.normals.length ?? 0;
  const few = found?.count ?? 0;
  const ofShipped = shipped
    ? [
        { key: 'shippedNormals', title: words.shippedNormals(many) },
        { key: 'shippedRandom', title: words.shippedRandom(many) },
      ]
    : [];
  const ofOwn = found
    ? [
        { key: 'ownNormals', title: words.ownNormals(few) },
        { key: 'ownRandom', title: words.ownRandom(few) },
      ]
    : [];
  return {
    values: [{ key: 'index', title: words.index }, ...ofShipped, ...ofOwn],
    shares: [
      { key: 'index', title: words.dimensions },
      ...(shipped?.universal
        ? [
            { key: 'universal', title: words.universal },
            { key: 'random', title: words.random },
          ]
        : []),
      ...(found?.shares
        ? [
            { key: 'ownUniversal', title: words.ownUniversal(few) },
            { key: 'ownRandomShare', title: words.ownRandomShare(few) },
          ]
        : []),
    ],
  };
}

/** @param {Shipped | null} shipped @param {NormalsFound | null} found @returns {Spec} */
export function valuesSpec(shipped, found) {
  const { values } = columnsOf(shipped, found);
  return {
    x: { label: words.index, type: 'log' },
    y: { label: words.value, type: 'log' },
    ...linesOf(values.slice(1)),
  };
}

/** @param {Shipped | null} shipped @param {NormalsFound | null} found @returns {Spec | null} */
export function sharesSpec(shipped, found) {
  const { shares } = columnsOf(shipped, found);
  if (shares.length < 2) return null;
  return {
    x: { label: words.dimensions, type: 'log' },
    y: { label: words.share, type: 'log' },
    ...linesOf(shares.slice(1)),
  };
}

/** The place of each series among the colours: the same in both charts. @type {Record<string, number>} */
const SERIES = {
  shippedNormals: 0,
  shippedRandom: 6,
  ownNormals: 1,
  ownRandom: 2,
  universal: 0,
  random: 6,
  ownUniversal: 1,
  ownRandomShare: 2,
};

/** @param {{ key: string, title: string }[]} columns */
const linesOf = (columns) => ({
  legend: columns.map(({ key, title }) => ({ label: title, series: SERIES[key] })),
  marks: (
    /** @type {Plot} */ plot,
    /** @type {Colours} */ colours,
    /** @type {{ rows: Row[] }} */ { rows },
  ) =>
    columns.flatMap(({ key }, place) => {
      const series = SERIES[key];
      // On a logarithmic axis there is no zero.
      const shown = rows.filter(
        (row) => Number(row[key]) > (key.match(/Normals|Random$/) ? LEAST : 0),
      );
      const channels = { x: 'index', y: key };
      return [
        plot.line(shown, {
          ...channels,
          stroke: colours.series[series],
          strokeDasharray: colours.dashes[series],
          strokeWidth: 2,
        }),
        // Not all at the same places, so that one does not hide the other.
        plot.dot(
          shown.filter((_, index) => index % 8 === place || shown.length < 12),
          {
            ...channels,
            fill: colours.series[series],
            symbol: /** @type {any} */ (colours.symbols[series]),
            r: 4,
          },
        ),
      ];
    }),
});

/** Each table: its file, its columns, and how its measures are taken apart. */
import * as words from '../../words/results.js';
import * as plots from './plots.js';
import { column, pivot } from './table.js';

/**
 * @import { PlotOf } from './plots.js'
 * @import { Row, Table } from './table.js'
 *
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} [says] the id whose words it has, if not its own
 * @property {string} file below `results/`
 * @property {string[]} papers arXiv ids
 * @property {string[]} [projects] other programs
 * @property {(file: any) => Table} read
 * @property {(file: any, table: Table) => PlotOf | null} [plot]
 */

const start = [column('network'), column('kind')];
const pictures = column('pictures', 'whole');

/** @type {Entry[]} */
export const TABLES = [
  {
    id: 'robustness',
    file: 'robustness',
    papers: ['1511.04599'],
    read(file) {
      const names = /** @type {Record<string, string>} */ ({
        rho_adv: 'rho',
        'rho_adv of x minus the mean colour': 'rhoCentred',
        'median l2': 'l2',
        'median linf': 'linf',
        gradients: 'gradients',
        seconds: 'seconds',
      });
      const errors = pivot(file, (measure) =>
        measure === 'test error' ? { column: 'error' } : null,
      );
      const rows = pivot(file, (measure) => {
        const [what, method] = measure.split(', ');
        const name = names[what];
        return name ? { column: name, text: { method: words.METHODS[method] ?? method } } : null;
      });
      for (const row of rows) {
        const own = errors.find(
          ({ kind, text }) => kind === row.kind && text.network === row.text.network,
        );
        if (own) row.cells.error = own.cells.error;
      }
      return {
        columns: [
          ...start,
          column('method'),
          column('error', 'percent'),
          column('rho', 'number'),
          column('l2', 'number'),
          column('linf', 'number'),
          column('rhoCentred', 'number'),
          column('gradients', 'number'),
          column('seconds', 'number'),
          pictures,
        ],
        rows,
      };
    },
  },
  {
    id: 'semi-random',
    file: 'semi-random',
    papers: ['1608.08967'],
    read(file) {
      const ratio = (/** @type {string} */ measure) => measure.replace('beta, m/d = ', '');
      const all = [
        ...new Set(file.entries.map((/** @type {any} */ { measure }) => ratio(measure))),
      ];
      return {
        columns: [
          ...start,
          ...all.map((part) => column(part, 'number', words.ratioColumn(part))),
          pictures,
        ],
        rows: pivot(file, (measure) => ({ column: ratio(measure) })),
      };
    },
    plot: (_, table) => plots.ratio(table),
  },
  {
    id: 'universal',
    file: 'universal',
    papers: ['1610.08401'],
    read: (file) => ({
      columns: [
        ...start,
        column('norm'),
        column('method'),
        column('own', 'percent'),
        column('others', 'percent'),
        pictures,
      ],
      rows: pivot(file, (measure) => {
        const [on, norm, method = 'stochastic'] = measure.split(', ');
        return {
          column: on.replace('fooling rate on ', ''),
          text: { norm: words.NORMS[norm], method: words.METHODS[method] },
        };
      }).map(asPublished),
    }),
  },
  {
    id: 'universal-by-pictures',
    file: 'universal-by-pictures',
    papers: ['1610.08401'],
    read: (file) => ({
      columns: [
        ...start,
        column('norm'),
        column('learnt', 'whole'),
        column('own', 'percent'),
        column('others', 'percent'),
      ],
      rows: pivot(file, (measure) => {
        const [on, norm, from] = measure.split(', ');
        return {
          column: on.replace('fooling rate on ', ''),
          text: { norm: words.NORMS[norm] },
          number: { learnt: parseInt(from, 10) },
        };
      }),
    }),
    plot: (_, table) => plots.byPictures(table),
  },
  {
    id: 'universal-ways',
    file: 'universal-ways',
    papers: ['1610.08401', '1811.11304'],
    read: (file) => ({
      columns: [
        ...start,
        column('norm'),
        column('way'),
        column('own', 'percent'),
        column('others', 'percent'),
        pictures,
      ],
      rows: pivot(file, (measure) => {
        const [on, norm, way] = measure.split(', ');
        return {
          column: on.replace('fooling rate on ', ''),
          text: { norm: words.NORMS[norm], way: words.WAYS[way] ?? way },
        };
      }),
    }),
  },
  {
    id: 'universal-rate-vs-gradients',
    file: 'universal-rate-vs-gradients',
    papers: ['1610.08401'],
    read: ({ series }) => ({
      columns: [
        column('method'),
        column('gradients', 'whole'),
        column('own', 'percent'),
        column('others', 'percent'),
      ],
      rows: series.flatMap((/** @type {any} */ { method, gradients, own, others }) =>
        gradients.map((/** @type {number} */ value, /** @type {number} */ at) => ({
          kind: words.measured,
          text: { method: words.METHODS[method] ?? method },
          cells: { gradients: { value }, own: { value: own[at] }, others: { value: others[at] } },
        })),
      ),
    }),
    plot: (_, table) => plots.byGradients(table),
  },
  {
    id: 'transfer',
    file: 'transfer',
    papers: ['1610.08401'],
    read(file) {
      const titles = new Map(
        file.entries.map((/** @type {any} */ { network, title }) => [network, title]),
      );
      const named = (/** @type {string} */ id) => titles.get(id) ?? TITLES[id] ?? id;
      return {
        columns: [
          column('from'),
          column('to'),
          column('kind'),
          column('rate', 'percent'),
          pictures,
        ],
        rows: pivot(file, (measure, network) => {
          const [from, to] = measure.includes("'s fools ")
            ? measure.split("'s fools ").map(named)
            : [network, measure.replace('fools ', '')];
          return { column: 'rate', text: { from, to } };
        }),
      };
    },
  },
  {
    id: 'diversity',
    file: 'diversity',
    papers: ['1610.08401'],
    read(file) {
      const seeds = [0, 1, 2, 3, 4].map((seed) =>
        column(`seed ${seed}`, 'percent', words.seedColumn(seed)),
      );
      return {
        columns: [
          ...start,
          column('mean', 'number'),
          column('largest', 'number'),
          ...seeds,
          pictures,
        ],
        rows: pivot(file, (measure) => ({
          column: measure.replace(' inner product', '').replace('fooling rate on others, ', ''),
        })),
      };
    },
  },
  {
    id: 'feedback',
    file: 'feedback',
    papers: ['1610.08401'],
    read: (file) => ({
      columns: [
        ...start,
        column('round', 'whole'),
        column('rate', 'percent'),
        column('accuracy', 'percent'),
        pictures,
      ],
      rows: pivot(file, (measure) => {
        const [what, round] = measure.split(', round ');
        return {
          column: what === 'accuracy' ? 'accuracy' : 'rate',
          number: { round: Number(round) },
        };
      }),
    }),
    plot: (_, table) => plots.byRounds(table),
  },
  {
    id: 'label-graph',
    file: 'label-graph',
    papers: ['1610.08401'],
    read(file) {
      const rows = pivot(file, (measure) => ({
        column: measure === 'fooling rate' ? 'rate' : 'half',
      }));
      for (const { title, values } of file.entries) {
        const [top] = [...(values?.dominant ?? [])].sort((a, b) => b.pictures - a.pictures);
        const row = rows.find(({ text }) => text.network === title);
        if (top && row) row.text.top = top.name;
      }
      return {
        columns: [
          ...start,
          column('half', 'whole'),
          column('top'),
          column('rate', 'percent'),
          pictures,
        ],
        rows,
      };
    },
  },
  {
    id: 'normals',
    file: 'normals',
    papers: ['1610.08401'],
    read(file) {
      const rows = pivot(file, (measure) => ({
        column: measure.startsWith('largest') ? 'first' : 'cosine',
      }));
      for (const { title, values } of file.entries) {
        const row = rows.find(({ text }) => text.network === title);
        if (!row || !values?.normals) continue;
        const { normals, random } = values;
        row.cells.pictures = { value: normals.length };
        row.cells.last = { value: normals.at(-1) };
        row.cells.randomFirst = { value: random[0] };
        row.cells.randomLast = { value: random.at(-1) };
      }
      return {
        columns: [
          ...start,
          ...['first', 'last', 'randomFirst', 'randomLast', 'cosine'].map((key) =>
            column(key, 'number'),
          ),
          pictures,
        ],
        rows,
      };
    },
    plot: (file) => plots.singularValues(file),
  },
  {
    id: 'sections',
    file: 'sections',
    papers: ['1608.08967'],
    read(file) {
      const at = (/** @type {string} */ measure) =>
        measure.replace('curvature at ', '').replace(' |r|', '');
      const all = [...new Set(file.entries.map((/** @type {any} */ { measure }) => at(measure)))];
      return {
        columns: [
          ...start,
          ...all.map((part) => column(part, 'number', words.curvatureColumn(part))),
          pictures,
        ],
        rows: pivot(file, (measure) => ({ column: at(measure) })),
      };
    },
  },
  {
    id: 'peers',
    file: 'peers',
    papers: ['1511.04599', '1811.09600', '2011.11857', '2102.12827', '2303.12481'],
    projects: ['foolbox', 'adv-lib', 'art'],
    read: (file) => ({
      columns: [
        column('method'),
        column('by'),
        column('norm'),
        column('size', 'number'),
        column('gradients', 'number'),
        column('seconds', 'number'),
        column('fooled', 'percent'),
        column('saved', 'percent'),
        pictures,
      ],
      rows: pivot(file, (measure) => {
        const [what, norm, by, method, steps, count] = measure.split(', ');
        const columns = /** @type {Record<string, string>} */ ({
          'median norm': 'size',
          'fooled saved': 'saved',
        });
        const name = words.METHODS[method] ?? method;
        // Of what ends by itself they are only a limit.
        const isFixed = Number(steps) > 0 && !method.includes('deepfool');
        return {
          column: columns[what] ?? what,
          text: {
            method: isFixed ? words.stepsText(name, Number(steps)) : name,
            by,
            norm: words.NORMS[norm],
          },
          number: { pictures: Number(count) },
        };
      }),
    }),
    plot: (file) => plots.byCost(file),
  },
  {
    id: 'universal-peers',
    file: 'universal-peers',
    papers: ['1610.08401'],
    projects: ['art'],
    read: (file) => ({
      columns: [
        column('method'),
        column('by'),
        column('norm'),
        column('learnt', 'whole'),
        column('own', 'percent'),
        column('others', 'percent'),
        column('gradients', 'whole'),
        column('seconds', 'number'),
      ],
      rows: pivot(file, (measure) => {
        const [what, norm, by, method, , learnt] = measure.split(', ');
        return {
          column: what.replace('fooling rate on ', ''),
          text: { method: words.METHODS[method] ?? method, by, norm: words.NORMS[norm] },
          number: { learnt: Number(learnt) },
        };
      }),
    }),
  },
  ...BENCH_FILES.map((name, at) => ({
    id: at ? `bench-${name}` : 'bench',
    says: 'bench',
    file: `bench/${name}`,
    papers: [],
    read: (/** @type {any} */ file) => ({
      columns: [column('row'), column('who'), column('value', 'number'), column('runs', 'whole')],
      rows: file.rows
        // What could not be measured there has no figure.
        .filter((/** @type {any} */ { median }) => median !== null)
        .map((/** @type {any} */ { row, column, median, min, max, runs }) => ({
          kind: words.measured,
          text: { row: words.BENCH_ROWS[row] ?? row, who: words.BENCH_COLUMNS[column] ?? column },
          cells: { value: { value: median, low: min, high: max }, runs: { value: runs } },
        })),
    }),
  })),
];

/** Networks that no entry of the file is called after. @type {Record<string, string>} */
const TITLES = {
  'efficientnet-lite1': 'EfficientNet-Lite1 (ImageNet)',
  'efficientnet-lite2': 'EfficientNet-Lite2 (ImageNet)',
  'fc-mnist': 'FC500-150-10 (MNIST)',
  'nin-cifar10': 'Network in Network (CIFAR-10)',
};

/** What the paper made, it made with the original algorithm. @param {Row} row @returns {Row} */
function asPublished(row) {
  if (row.kind === words.published) row.text.method = words.METHODS.original;
  return row;
}

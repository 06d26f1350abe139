/** What the exhibit Results says. */
import { amount, count, digits, percent } from './common.js';

/**
 * @import { Row } from '../exhibits/results/table.js'
 */

export const intro =
  'Every figure was measured here, with this project’s own program, lab, unless its table says otherwise, by the command that stands under it. Small below a figure is its 95 % interval, where one can be given; “paper” is what was published for the same network and measure.';
export const tablesLabel = 'Tables';
/** @param {string} title */
export const regionLabel = (title) => `${title}, all rows`;
export const loading = 'Loading the table';
export const tryAgain = 'Try again';
/** @param {string} title */
export const missing = (title) => `The table “${title}” could not be downloaded.`;
export const madeBy = 'How it was made';
export const copy = 'Copy';
export const copied = 'Copied';
export const share = 'Share';
export const pathsNote = 'Folders are those of the machine it ran on: put your own.';
export const measured = 'measured';
export const published = 'published';
/** @param {number} n */
export const commandsText = (n) => `${madeBy} (${count(n)} ${n === 1 ? 'command' : 'commands'})`;
/** @param {{ title: string, seconds: number | null, machine: string, seed: number | null }} made */
export const madeText = ({ title, seconds, machine, seed }) =>
  [
    title,
    machine,
    seconds === null ? '' : `${amount(seconds)} s`,
    seed === null ? '' : `seed ${seed}`,
  ]
    .filter(Boolean)
    .join(', ');
/** @param {string} column @param {'ascending' | 'descending' | 'none'} order */
export const sortLabel = (column, order) =>
  order === 'none' ? `Sort by ${column}` : `${column}, ${order}`;
export const papers = 'Papers';
export const projects = 'Programs';
/** With what, and when. @param {{ date: string, build: string, versions: Record<string, string> }} made */
export const versionsText = ({ date, build, versions }) =>
  `Measured ${date} with ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}, and lab as cargo’s profile ${build} builds it.`;

/** By arXiv id. @type {Record<string, string>} */
export const PAPERS = {
  1511.04599: 'DeepFool, Moosavi-Dezfooli, Fawzi and Frossard, CVPR 2016',
  1610.08401:
    'Universal adversarial perturbations, Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, CVPR 2017',
  1608.08967:
    'Robustness of classifiers: from adversarial to random noise, Fawzi, Moosavi-Dezfooli and Frossard, NIPS 2016',
  1811.11304:
    'Universal adversarial training, Shafahi, Najibi, Xu, Dickerson, Davis and Goldstein, AAAI 2020',
  '1811.09600':
    'Decoupling direction and norm (DDN), Rony, Hafemann, Oliveira, Ben Ayed, Sabourin and Granger, CVPR 2019',
  2011.11857:
    'Augmented Lagrangian adversarial attacks (ALMA), Rony, Granger, Pedersoli and Ben Ayed, ICCV 2021',
  2102.12827: 'Fast minimum-norm attacks (FMN), Pintor, Roli, Brendel and Biggio, NeurIPS 2021',
  2303.12481: 'SuperDeepFool, Abdollahpoorrostam, Abroshan and Moosavi-Dezfooli, 2023',
};

/** Of others, that the same was done with. @type {Record<string, { title: string, address: string }>} */
export const PROJECTS = {
  foolbox: { title: 'foolbox', address: 'https://github.com/bethgelab/foolbox' },
  'adv-lib': { title: 'adv-lib', address: 'https://github.com/jeromerony/adversarial-library' },
  art: {
    title: 'Adversarial Robustness Toolbox (ART)',
    address: 'https://github.com/Trusted-AI/adversarial-robustness-toolbox',
  },
};

/** @type {Record<string, string>} */
export const METHODS = {
  deepfool: 'DeepFool',
  'deepfool-linf': 'DeepFool, ℓ∞',
  'fast-gradient': 'fast gradient sign',
  lbfgs: 'L-BFGS',
  'super-deepfool': 'SuperDeepFool',
  'fmn-l2': 'FMN',
  'fmn-linf': 'FMN',
  ddn: 'DDN',
  'ddn-8bit': 'DDN, 256 levels',
  alma: 'ALMA',
  'foolbox-deepfool': 'DeepFool',
  'foolbox-deepfool-linf': 'DeepFool',
  'art-deepfool': 'DeepFool',
  smallest: 'smallest',
  'smallest-8bit': 'smallest, 256 levels',
  'smallest-linf': 'smallest',
  'smallest-unbounded': 'smallest, not clipped',
  stochastic: 'stochastic',
  original: 'original',
  random: 'random noise',
};
/** @type {Record<string, string>} */
export const NORMS = { linf: 'ℓ∞', l2: 'ℓ₂' };

/** How else a universal noise could be learnt. @type {Record<string, string>} */
export const WAYS = {
  own: 'as it is made here',
  margin: 'margin',
  sigmoid: 'sigmoid of the margin',
  odds: 'cross-entropy, cut off',
  logit: 'logit (DF-UAP)',
  cosine: 'cosine (Cos-UAP)',
  adam: 'steps by Adam',
  momentum: 'steps by momentum',
  aggregate: 'aggregated steps (SGA)',
  'batch-32': '32 pictures a step',
};

/** @type {Record<string, { title: string, about: string }>} */
export const TABLES = {
  robustness: {
    title: 'Robustness',
    about:
      'The test error, and how small a noise suffices: ρ_adv is the mean length of the smallest noise divided by that of its picture, ‖r‖₂ / ‖x‖₂; medians are in grey levels.',
  },
  'semi-random': {
    title: 'Semi-random noise',
    about:
      'The smallest noise within m random dimensions of d, divided by √(d/m) times the smallest of all. Were the boundaries flat near pictures, all ratios would be 1.',
  },
  universal: {
    title: 'Universal noise',
    about:
      'The fooling rate is the share of pictures whose answer changes: of those that one noise was made from (own), and of others. Random noise of the same size stands beside.',
  },
  'universal-by-pictures': {
    title: 'By number of pictures',
    about: 'How the fooling rate grows with the number of pictures that a noise is made from.',
  },
  'universal-ways': {
    title: 'Universal noise, by loss',
    about:
      'What others descend, and how, beside the way that universal noise is made here: one thing changed at a time, from the same pictures, in ten passes over them. DF-UAP: Zhang et al., CVPR 2020; Cos-UAP: Zhang et al., ICCV 2021; SGA: Liu et al., ICCV 2023; the cross-entropy is that of universal adversarial training.',
  },
  'universal-rate-vs-gradients': {
    title: 'By gradients',
    about:
      'The stochastic algorithm beside the original one: fooling rate against the gradients computed, pass by pass.',
  },
  transfer: {
    title: 'Other networks',
    about:
      'A noise made for one network, tried on another; with MNIST and CIFAR-10 on pictures of the test sets. “Universal noise” counts on pictures held back from the training sets, so that the same noise on its own network has another figure there.',
  },
  diversity: {
    title: 'Several noises',
    about:
      'Five noises made from the same pictures with other seeds: the inner product of two of them, each brought to length 1, is near 0 where they have little in common.',
  },
  feedback: {
    title: 'Training against it',
    about:
      'The network is trained further with universal noise on its pictures, and a new noise is made: fooling rate and accuracy, round by round.',
  },
  'label-graph': {
    title: 'Where it leads',
    about:
      'With a universal noise most pictures end in a few dominant labels: how many of them take half of the fooled pictures, and which takes most.',
  },
  normals: {
    title: 'Normals',
    about:
      'Singular values of the unit normals of the boundaries near n pictures, and of n random vectors; the root mean square of the cosine between two of them.',
  },
  peers: {
    title: 'Beside other programs',
    about:
      'How small a noise other programs find for EfficientNet-Lite0, on the same pictures and with the same weights as lab: the median size in grey levels, and what it costs a picture. Rows of the same number of pictures are of the same ones. The methods of adv-lib stay between black and white, DeepFool does not. “Saved” is the share that still fools when rounded to 8 bits. Seconds are those of one core that had other work too: compare them with each other only.',
  },
  'universal-peers': {
    title: 'One noise, beside ART',
    about:
      'One noise for all pictures of EfficientNet-Lite0 as another program makes it, from the same few pictures and within the same radius as lab; lab measures all of them, on the same others. Gradients and seconds are those of the whole noise. ART’s steps are longer than the published algorithm’s: of its ten classes, its DeepFool measures the lead over the logit of a wrong one.',
  },
  sections: {
    title: 'Curvature',
    about:
      'How far the boundary near a picture is from a straight line, on planes along the smallest noise r: its curvature times |r|, at several distances. 0 is straight; 1 is a circle of radius |r|.',
  },
  bench: {
    title: 'Speed',
    about: 'How fast this page computes, beside others: medians, below them the extremes.',
  },
};

export const COLUMNS = {
  network: 'network',
  kind: 'from',
  method: 'method',
  way: 'what is descended, or how',
  norm: 'norm',
  pictures: 'pictures',
  error: 'test error',
  rho: 'ρ_adv',
  rhoCentred: 'ρ_adv without the mean colour',
  l2: 'median ‖r‖₂',
  linf: 'median ‖r‖∞',
  gradients: 'gradients',
  seconds: 'seconds',
  own: 'fools own pictures',
  others: 'fools other pictures',
  learnt: 'made from pictures',
  from: 'made for',
  to: 'tried on',
  rate: 'fooling rate',
  mean: 'mean inner product',
  largest: 'largest inner product',
  round: 'round',
  accuracy: 'accuracy',
  half: 'labels that take half',
  top: 'most go to',
  first: 'largest singular value',
  last: 'smallest',
  randomFirst: 'largest, random',
  randomLast: 'smallest, random',
  cosine: 'cosine',
  randomCosine: 'cosine, random',
  row: 'what',
  who: 'by',
  by: 'by',
  size: 'median size',
  fooled: 'fooled',
  saved: 'fooled, saved',
  value: 'median',
  runs: 'runs',
};
/** @param {string} method @param {number} steps those it was given */
export const stepsText = (method, steps) => `${method}, ${count(steps)} steps`;
/** @param {string} method @param {string} by */
export const methodBy = (method, by) => `${method} (${by})`;
/** @param {string} part m/d */
export const ratioColumn = (part) => `m/d = ${part}`;
/** @param {string} at */
export const curvatureColumn = (at) => `at ${at} |r|`;
/** @param {number} seed */
export const seedColumn = (seed) => `fools others, seed ${seed}`;

export const units = { levels: 'levels' };

export const plots = {
  series: 'of',
  ratio: {
    label: 'Size of semi-random noise beside what flat boundaries predict',
    x: 'm/d, the share of dimensions',
    y: 'ratio',
  },
  pictures: {
    label: 'Fooling rate on other pictures, by the pictures learnt from',
    x: 'pictures',
    y: 'fooling rate (%)',
  },
  gradients: {
    label: 'Fooling rate on other pictures against gradients',
    x: 'gradients',
    y: 'fooling rate (%)',
  },
  rounds: { label: 'Fooling rate after each round of training', x: 'round', y: 'fooling rate (%)' },
  peers: {
    label: 'Median length of the noise against gradients, each on the same pictures',
    x: 'gradients a picture',
    y: 'median ‖r‖₂ (grey levels)',
  },
  normals: {
    label: 'Singular values of normals, and in grey of random vectors',
    x: 'number of the singular value',
    y: 'singular value',
  },
};

/** @param {string} date @param {string} machine @param {string} browser */
export const benchText = (date, machine, browser) => `Measured ${date}: ${machine}, ${browser}.`;
/** @type {Record<string, string>} */
export const BENCH_ROWS = {
  load: 'start to the first answer, files at hand (ms)',
  'load-bytes': 'program and weights to download (MB)',
  'first-forward': 'first answer (ms)',
  'first-gradients': 'first gradients of ten classes (ms)',
  'first-deepfool': 'first DeepFool (ms)',
  forward: 'answer, once warm (ms)',
  'gradients-10': 'gradients of ten classes, once warm (ms)',
  'deepfool-5': 'DeepFool, five photos (ms)',
  'universal-640': 'universal noise, 8 photos (ms)',
  'stream-clean': 'frames answered a second',
  'stream-perturbed': 'frames answered twice a second, with and without noise',
  memory: 'memory (MB)',
  'own-forward': 'the worker’s own time, answer (ms)',
  'own-gradients-10': 'the worker’s own time, ten gradients (ms)',
};
/** @type {Record<string, string>} */
export const BENCH_COLUMNS = {
  'cpu-1': 'Foolscope, CPU, one worker',
  'cpu-all': 'Foolscope, CPU, all workers',
  gpu: 'Foolscope, GPU',
  'tensorflow-wasm': 'TensorFlow.js, wasm',
  'tensorflow-webgl': 'TensorFlow.js, WebGL',
  'tensorflow-webgpu': 'TensorFlow.js, WebGPU',
  'onnx-wasm': 'onnxruntime-web, wasm',
  'onnx-webgpu': 'onnxruntime-web, WebGPU',
  'jax-wasm': 'jax-js, wasm',
  'jax-webgpu': 'jax-js, WebGPU',
};

/** @param {Row[]} rows @param {string} key */
const valuesIn = (rows, key) =>
  rows.flatMap(({ kind, cells }) => (kind === measured ? (cells[key]?.value ?? []) : []));

/** The first that was measured is the large network. @param {Row[]} rows @param {(row: Row) => boolean} [wish] */
const first = (rows, wish = () => true) => rows.find((row) => row.kind === measured && wish(row));

/**
 * One sentence a table, from its own numbers; empty where they are not there.
 * @type {Record<string, (rows: Row[]) => string>}
 */
export const SENTENCES = {
  robustness(rows) {
    const exact = first(rows, ({ text }) => text.method === METHODS.deepfool);
    const quick = first(rows, ({ text }) => text.method === METHODS['fast-gradient']);
    const [small, large] = [exact?.cells.rho?.value, quick?.cells.rho?.value];
    if (!exact || !small || !large) return '';
    // A few pictures on which the coarse method fails pull its mean up.
    const [half, other] = [exact.cells.l2?.value, quick?.cells.l2?.value];
    const medians = half && other ? `, by the medians ${digits(other / half)} times` : '';
    return `On ${count(exact.cells.rho.count ?? 0)} pictures, DeepFool fools ${exact.text.network} with noise of ${digits(100 * small)}\u00a0% of the picture’s length on average; the fast gradient sign method takes ${digits(large / small)} times as much${medians}.`;
  },
  'semi-random'(rows) {
    const all = rows.filter(({ kind }) => kind === measured);
    const values = all.flatMap(({ cells }) =>
      Object.entries(cells).flatMap(([key, { value }]) => (key === 'pictures' ? [] : value)),
    );
    return values.length
      ? `Over ${all.length} networks and all shares of dimensions the ratio lies between ${digits(Math.min(...values))} and ${digits(Math.max(...values))}; flat boundaries lead to expect 1.`
      : '';
  },
  universal(rows) {
    const made = first(rows, ({ text }) => text.method === METHODS.stochastic);
    const random = first(rows, ({ text }) => text.method === METHODS.random);
    const [rate, chance] = [made?.cells.others?.value, random?.cells.others?.value];
    if (!made || rate === undefined || chance === undefined) return '';
    return `One noise fools ${made.text.network} on ${percent(rate)} of pictures that it was not made from; random noise of the same size, on ${percent(chance)}.`;
  },
  'universal-by-pictures'(rows) {
    const own = rows.filter(({ text }) => text.network === first(rows)?.text.network);
    const [few, many] = [own[0], own.at(-1)];
    if (!few?.cells.others || !many?.cells.others) return '';
    return `Made from ${count(few.cells.learnt.value)} pictures, the noise for ${few.text.network} fools ${percent(few.cells.others.value)} of others; made from ${count(many.cells.learnt.value)}, ${percent(many.cells.others.value)}.`;
  },
  'universal-ways'(rows) {
    const ofNetwork = (/** @type {string} */ network, /** @type {string} */ norm) =>
      rows.filter(({ text }) => text.network === network && text.norm === norm);
    const own = rows.filter(({ text }) => text.way === WAYS.own);
    const ahead = own.filter(({ text, cells }) =>
      ofNetwork(text.network, text.norm).every(
        (row) => !row.cells.others || row.cells.others.value <= (cells.others.high ?? 1),
      ),
    );
    return own.length
      ? `In ${count(ahead.length)} of ${count(own.length)} cases no other way fools more pictures than the 95\u00a0% interval of ours reaches.`
      : '';
  },
  'universal-rate-vs-gradients'(rows) {
    const quick = first(rows, ({ text }) => text.method === METHODS.stochastic);
    const slow = rows.filter(({ text }) => text.method === METHODS.original).at(-1);
    if (!quick || !slow) return '';
    return `After ${count(quick.cells.gradients.value)} gradients the stochastic algorithm fools ${percent(quick.cells.others.value)} of other pictures; the original one, after ${count(slow.cells.gradients.value)}, ${percent(slow.cells.others.value)}.`;
  },
  transfer(rows) {
    const other = rows
      .filter(({ kind, text }) => kind === measured && text.from !== text.to)
      .sort((a, b) => b.cells.rate.value - a.cells.rate.value)[0];
    return other
      ? `A noise made for ${other.text.from} fools ${other.text.to}, which it has never seen, on ${percent(other.cells.rate.value)} of pictures.`
      : '';
  },
  diversity(rows) {
    const row = first(rows);
    if (!row?.cells.mean) return '';
    const rates = Object.entries(row.cells).flatMap(([key, { value }]) =>
      key.startsWith('seed') ? value : [],
    );
    return `Five noises for ${row.text.network} have a mean inner product of ${digits(row.cells.mean.value)}, and each fools ${percent(Math.min(...rates))} to ${percent(Math.max(...rates))} of other pictures: there are many universal noises.`;
  },
  feedback(rows) {
    const own = rows.filter(({ text }) => text.network === first(rows)?.text.network);
    const [before, after] = [own[0], own.at(-1)];
    if (!before?.cells.rate || !after?.cells.rate) return '';
    return `${before.text.network} is fooled on ${percent(before.cells.rate.value)} of pictures before, and by a new noise on ${percent(after.cells.rate.value)} after ${count(after.cells.round.value)} rounds of training against it.`;
  },
  'label-graph'(rows) {
    const row = first(rows);
    if (!row?.cells.half) return '';
    const n = row.cells.half.value;
    return `With one noise, ${count(n)} ${n === 1 ? 'label takes' : 'labels take'} half of the pictures on which ${row.text.network} is fooled; most go to ${row.text.top}.`;
  },
  normals(rows) {
    const values = rows.flatMap(({ cells }) =>
      cells.first && cells.randomFirst ? cells.first.value / cells.randomFirst.value : [],
    );
    return values.length
      ? `The largest singular value of the normals is ${digits(Math.min(...values))} to ${digits(Math.max(...values))} times that of random vectors: the boundaries share directions, in some networks far more than in others.`
      : '';
  },
  sections(rows) {
    const values = rows.flatMap(({ cells }) =>
      Object.entries(cells).flatMap(([key, { value }]) => (key === 'pictures' ? [] : value)),
    );
    return values.length
      ? `Curvature times |r| is at most ${digits(Math.max(...values))} on these planes; a circle of radius |r| would have 1.`
      : '';
  },
  peers(rows) {
    // Of the pictures on which most was run.
    const ofCount = new Map(
      rows.map(({ cells: { pictures } }) => [
        pictures.value,
        rows.filter(
          ({ text, cells }) => text.norm === NORMS.l2 && cells.pictures.value === pictures.value,
        ),
      ]),
    );
    const [most, lengths] = [...ofCount].sort(([, a], [, b]) => b.length - a.length)[0] ?? [0, []];
    const best = [...lengths].sort((a, b) => a.cells.size.value - b.cells.size.value)[0];
    const ours = lengths.find(({ text }) => text.by === 'lab' && text.method === METHODS.deepfool);
    if (!best || !ours) return '';
    const cost = (/** @type {Row} */ { cells }) =>
      `${digits(cells.size.value)} levels with ${count(Math.round(cells.gradients.value))} gradients`;
    const beside = best === ours ? '' : ` The published DeepFool, by lab, takes ${cost(ours)}.`;
    return `On ${count(most)} pictures, the smallest median is that of ${methodBy(best.text.method, best.text.by)}: ${cost(best)} a picture.${beside}`;
  },
  'universal-peers'(rows) {
    const of = (/** @type {string} */ by, /** @type {string} */ method) =>
      first(rows, ({ text }) => text.by === by && text.method === method);
    const [other, same, best] = [
      of('ART', METHODS.original),
      of('lab', METHODS.original),
      of('lab', METHODS.stochastic),
    ];
    if (!other || !same || !best) return '';
    const fools = (/** @type {Row} */ { cells }) => percent(cells.others.value);
    return `Made from ${count(best.cells.learnt.value)} pictures, the noise of the stochastic algorithm fools ${fools(best)} of others; that of the original one ${fools(same)}, and ${fools(other)} as ART has it.`;
  },
  bench(rows) {
    const row = first(rows, ({ text }) => text.row === BENCH_ROWS.forward);
    const all = valuesIn(rows, 'value');
    return row && all.length
      ? `An answer takes ${digits(row.cells.value.value)} ms by ${row.text.who}.`
      : '';
  },
};

/** Small below a figure. @param {string} low @param {string} high */
export const intervalText = (low, high) => `${low} to ${high}`;
/** @param {string} figure as it was published */
export const paperText = (figure) => `paper: ${figure}`;

/**
 * 'What we measured' of the README, from the tables that `lab tables` wrote.
 * Only text in, text out: what reads and writes files is beside it.
 */
import { linePlot } from './line-plot.mjs';
import { markdown } from './markdown.mjs';
import { peersTable, peersVersions, universalPeersTable } from './peers.mjs';

/**
 * @typedef {object} Published
 * @property {string} network
 * @property {string} measure
 * @property {number} value
 * @property {number} [deviation]
 * @property {string} source
 *
 * @typedef {object} Entry
 * @property {string} network
 * @property {string} title
 * @property {string} measure
 * @property {number} value
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [count]
 * @property {number} [deviation]
 * @property {Published} [published]
 * @property {{ radius?: number }} [values]
 *
 * @typedef {object} Table
 * @property {Entry[]} entries
 * @property {Published[]} published
 *
 * @typedef {object} Series
 * @property {string} method
 * @property {{ own: number, others: number }} pictures
 * @property {number[]} gradients
 * @property {number[]} others on other pictures, by the end of each pass
 *
 * @typedef {object} Measured what is in www/results, each where there is one
 * @property {Table} robustness
 * @property {Table} semiRandom
 * @property {Table} universal
 * @property {Table} transfer
 * @property {Table} byPictures
 * @property {{ series: Series[] }} rateVsGradients
 * @property {import('./peers.mjs').Peers} peers
 * @property {import('./peers.mjs').Peers} universalPeers
 */

const ratios = ['1', '1/4', '1/16', '1/36', '1/64', '1/100'];

/** The text between the marks. @param {Measured} measured */
export function section(measured) {
  const { robustness, semiRandom, universal, transfer, peers, universalPeers } = measured;
  return `
Ours, with 95 % intervals by bootstrap, and in brackets what the papers published for the network of the same name.
Made by \`lab tables\`, whose files in [www/results](www/results) say for each figure the command, the seed, the machine
and the number of pictures; this section is made from them by \`npm run measured\`.

**How small a change fools** (ρ_adv, the mean of ‖r‖₂ / ‖x‖₂; with x − μ, where μ is the mean colour that the network
subtracts first, the relative size of what it sees)

${robustnessTable(robustness)}

**Semi-random noise**: β(f; m), mean ± standard deviation, is 1 where the boundary is flat

${semiRandomTable(semiRandom)}

**One perturbation for all pictures**: fooling rate on pictures it was not made from

${universalTable(universal)}

Network in Network’s original method learnt from 500 pictures, its stochastic one from 1,000.

**One network’s perturbation on another** of the same data: fooling rate of ℓ∞ ≤ 10 levels (51 for MNIST) on pictures
that none was made from; rows by the network it was made for. Networks see pictures of different sizes: the
perturbation takes the nearest pixel’s value, within the same radius.

${transferTables(transfer, universal)}

**Beside other programs**: ${peersVersions(peers)}
and \`lab\`, on the same pictures with the same weights of EfficientNet-Lite0. [tools/peers](tools/peers) runs them and
says how. Gradients and seconds are those of one picture on one core, which had other work too; *saved* is the share that
still fools in 8 bits. \`smallest\` asks for some answers without a gradient too, which only the seconds count. What
adv-lib and \`smallest\` find stays between black and white; DeepFool is not clipped. Rows of as many pictures are of
the same ones, the first of the table's by name. At 1,000 gradients in ℓ₂ and at 100 in ℓ∞ the lead over the best of the
others is small or none: [docs/limits.md](docs/limits.md) has what was tried.

${peersTable(peers)}

Of its ten classes, ART 1.20.1's DeepFool measures the lead over the logit of a wrong one (the label's place among the ten
is used as if it were the label): its noises are 1.2 to 9 times as long as DeepFool's. **One noise for all pictures**, as
ART makes it and as \`lab\` does, from the same photographs and within the same radius, measured by \`lab\` on the same 200
others:

${universalPeersTable(universalPeers)}

![Fooling rate against gradient evaluations](docs/rate-vs-gradients.svg)

![Fooling rate against the number of pictures learnt from](docs/rate-vs-pictures.svg)
`;
}

/** The plots, by the name of the file. @param {Measured} measured */
export function plots({ rateVsGradients, byPictures }) {
  const gradients = rateVsGradients.series.map(({ method, gradients, others }) => ({
    name: method,
    points: others.map((y, pass) => ({ x: gradients[pass], y })),
  }));
  const learning = networks(byPictures).map(({ title, entries }) => ({
    name: title,
    points: entries
      .filter(({ measure }) => measure.startsWith('fooling rate on others'))
      .map(({ measure, value }) => ({ x: Number(measure.match(/(\d+) pictures/)?.[1]), y: value }))
      .sort((a, b) => a.x - b.x),
  }));
  return {
    'rate-vs-gradients.svg': linePlot({
      title: 'Fooling rate against gradient evaluations',
      axis: 'gradient evaluations (fooling rate on other pictures)',
      ticks: [10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000],
      lines: gradients,
    }),
    'rate-vs-pictures.svg': linePlot({
      title: 'Fooling rate against the number of pictures learnt from',
      axis: 'pictures learnt from (fooling rate on others)',
      ticks: [10, 30, 100, 300, 1000, 3000],
      lines: learning,
    }),
  };
}

/** @param {Table} table */
function robustnessTable(table) {
  const attacks = ['deepfool', 'lbfgs', 'fast-gradient'];
  const rows = networks(table).map((network) => [
    network.title,
    share(network.of('test error')),
    size(network.of('rho_adv, deepfool')),
    size(network.of('rho_adv of x minus the mean colour, deepfool')),
    ...attacks.slice(1).map((attack) => size(network.of(`rho_adv, ${attack}`))),
    level(network.of('median linf, deepfool-linf')),
  ]);
  const headings = [
    '',
    'test error',
    'DeepFool',
    'DeepFool, x − μ',
    'L-BFGS',
    'fast gradient sign',
  ];
  const measures = ['test error', ...attacks.map((it) => `rho_adv, ${it}`)];
  const others = publishedRows(table, measures).map(([name, error, deepfool, ...rest]) => [
    name,
    error,
    deepfool,
    '',
    ...rest,
    '',
  ]);
  return markdown([...headings, 'median ‖r‖∞, grey levels'], [...rows, ...others]);
}

/** @param {Table} table */
function semiRandomTable(table) {
  const measures = ratios.map((ratio) => `beta, m/d = ${ratio}`);
  const rows = networks(table).map((network) => [
    network.title,
    ...measures.map((measure) => {
      const entry = network.of(measure);
      return entry ? withPublished(spread(entry), entry.published && spread(entry.published)) : '';
    }),
  ]);
  const others = publishedRows(table, measures);
  return markdown(['m/d', ...ratios], [...rows, ...others]);
}

/** @param {Table} table */
function universalTable(table) {
  const ways = ['', ', original', ', random'];
  const rows = networks(table).flatMap((network) =>
    ['linf', 'l2'].flatMap((norm) => {
      const entries = ways.map((way) => network.of(`fooling rate on others, ${norm}${way}`));
      const radius = entries.find((entry) => entry)?.values?.radius;
      if (radius === undefined) return [];
      const name = norm === 'linf' ? 'ℓ∞' : 'ℓ₂';
      return [[network.title, `${name} ≤ ${radius}`, ...entries.map(share)]];
    }),
  );
  const others = ['linf', 'l2'].flatMap((norm) =>
    publishedRows(table, [`fooling rate on others, ${norm}`]).map(([network, rate]) => {
      const ball = norm === 'linf' ? 'ℓ∞ ≤ 10' : 'ℓ₂ ≤ 2000';
      return [network, ball, '', rate, ''];
    }),
  );
  const headings = ['', 'grey levels', 'stochastic', 'original', 'random noise'];
  return markdown(headings, [...rows, ...others]);
}

/**
 * One for each group of networks, whose figures are called "a's fools b".
 * @param {Table} table
 * @param {Table} universal where the networks have their titles
 */
function transferTables(table, universal) {
  const titles = new Map(universal.entries.map(({ network, title }) => [network, title]));
  const title = (/** @type {string} */ id) => titles.get(id) ?? id;
  const groups = networks(table).map((group) => {
    const ids = [...new Set(group.entries.map(({ measure }) => measure.split("'s fools ")[1]))];
    const rows = ids.map((from) => [
      title(from),
      ...ids.map((on) => share(group.of(`${from}'s fools ${on}`))),
    ]);
    return markdown(['made for', ...ids.map(title)], rows);
  });
  return groups.join('\n\n');
}

/**
 * Our networks in the table's order.
 * @param {Table} table
 */
function networks(table) {
  const ids = [...new Set(table.entries.map(({ network }) => network))];
  return ids.map((id) => {
    const entries = table.entries.filter(({ network }) => network === id);
    return {
      title: entries[0].title,
      entries,
      of: (/** @type {string} */ name) => entries.find(({ measure }) => measure === name),
    };
  });
}

/**
 * Networks that only the papers have.
 * @param {Table} table
 * @param {string[]} measures
 */
function publishedRows(table, measures) {
  const names = [...new Set(table.published.map(({ network }) => network))];
  const of = (/** @type {string} */ network, /** @type {string} */ measure) =>
    table.published.find((it) => it.network === network && it.measure === measure);
  const ofOurs = new Set(table.entries.map(({ published }) => published?.network));
  return names
    .filter((name) => !ofOurs.has(name) && measures.some((measure) => of(name, measure)))
    .map((name) => [
      name,
      ...measures.map((measure) => {
        const found = of(name, measure);
        return found ? `(${figure(measure, found)})` : '';
      }),
    ]);
}

/**
 * @param {string} measure
 * @param {{ value: number, deviation?: number }} found
 */
function figure(measure, found) {
  if (measure.startsWith('beta')) return spread(found);
  return measure.startsWith('rho') ? number(found.value) : percent(found.value);
}

/** @param {Entry | undefined} entry */
const share = (entry) => estimate(entry, percent);
/** @param {Entry | undefined} entry */
const size = (entry) => estimate(entry, number);
/** @param {Entry | undefined} entry */
const level = (entry) => estimate(entry, (value) => value.toPrecision(2));

/**
 * @param {Entry | undefined} entry
 * @param {(value: number) => string} show
 */
function estimate(entry, show) {
  if (!entry) return '';
  const { value, low, high, published } = entry;
  const interval = low === undefined || high === undefined ? '' : ` [${show(low)}, ${show(high)}]`;
  return withPublished(`${show(value)}${interval}`, published && show(published.value));
}

/**
 * @param {string} ours
 * @param {string | undefined} published
 */
const withPublished = (ours, published) => (published ? `${ours} (${published})` : ours);

/** @param {{ value: number, deviation?: number }} of */
const spread = ({ value, deviation }) =>
  value.toFixed(2) + (deviation ? ` ± ${deviation.toFixed(2)}` : '');

/** @param {number} value */
const percent = (value) => `${(100 * value).toFixed(1)} %`;

/** Two figures, as the papers write them. @param {number} value */
const number = (value) =>
  value >= 0.01 ? value.toPrecision(2) : value.toExponential(1).replace('e-', 'e−');

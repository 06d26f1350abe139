/** All that Universal says: one noise for all pictures. */
import { amount, count, digits, ofAll, percent, picturesText } from './common.js';

/**
 * @import { NetworkInfo, UniversalProgress } from '../engine/types.js'
 * @import { Sentence, Share } from './common.js'
 * @typedef {'stochastic' | 'original'} Method
 * @typedef {'linf' | 'l2'} BallNorm
 */

export const METHOD = {
  stochastic: {
    title: 'Stochastic',
    how: 'Some pictures at a time: one gradient of a bounded loss for each (Shafahi and others, 2020).',
    noise: 'Universal noise, stochastic method',
  },
  original: {
    title: 'Original',
    how: 'One picture after the other: DeepFool’s step is added wherever the noise does not fool yet (Moosavi-Dezfooli and others, 2017).',
    noise: 'Universal noise, original algorithm',
  },
};

export const WORDS = {
  picture: 'The picture',
  cleanBars: 'What the classifier says to the picture',
  sumBars: 'What the classifier says to the picture with noise',
  sum: 'Picture with noise',
  sumOf: (/** @type {string} */ title) => `${title}, with noise`,
  figure: 'Picture plus universal noise equals sum',
  whose: 'Whose noise is added',
  noNoise: 'No noise yet',
  growing: 'It begins to grow',
  invitation: 'Let a noise grow from a few pictures, and the classifier answers once more, here.',
  fooled: 'fooled',
  notFooled: 'not fooled',
  startBoth: 'Let both grow',
  startAgain: 'Let both grow again',
  stopBoth: 'Stop both and keep them',
  stopCounting: 'Stop counting',
  start: 'Start',
  again: 'Again',
  stop: 'Stop and keep',
  share: 'Share',
  put: 'Show it in Live',
  save: 'Save it (.npy)',
  watch: 'Two methods, the same pictures',
  strip: 'A few of the pictures, with the old label and the new ones',
  learnt: 'learnt from',
  unseen: 'not learnt from',
  loading: 'The classifier is still loading.',
  cpu: 'Fooling rate: the share of pictures whose answer changes. The curves are of exact sums, as in the papers; whom a noise fools in the end is counted of sums as they are shown, cut off at black and white and in whole levels. The original runs on the CPU, the stochastic method on the device in use: compare gradients, not seconds.',
  gradients: 'Gradients',
};

export const SETUP = {
  title: 'Which pictures, and how large the noise may be',
  legend: 'Pictures to learn from',
  samples: (/** @type {number} */ samples, /** @type {boolean} */ photos) =>
    `The ${samples} sample ${photos ? 'photos' : 'pictures'}`,
  sample: (/** @type {boolean} */ photos) => (photos ? 'sample photo' : 'sample picture'),
  add: 'Add pictures',
  addThis: 'Add the picture above',
  remove: 'Remove them',
  reading: (/** @type {number} */ left) => `Reading pictures, ${left} left`,
  readingSamples: 'Reading the samples',
  shelf: (/** @type {number} */ pictures, /** @type {string} */ name) =>
    `${picturesText(pictures)} ${name}`,
  toLearn: 'to learn from',
  toTry: 'to try it on',
  none: 'Choose at least one picture for it to learn from.',
  another: 'Another network sees pictures at another size: add yours again.',
  size: 'How large it may be',
  radius: 'Radius ξ',
  radiusMeaning: 'ξ (xi): how large the noise may be',
  more: 'Towards what, and from where',
  target: 'All pictures should become',
  any: 'Any other class',
  targetNote: 'For the stochastic method; the original cannot be aimed.',
  seed: 'Seed',
  seedNote: 'Of the order in which pictures come: another one gives another noise.',
  nextSeed: 'Another seed',
  norm: {
    linf: 'Largest change of a pixel (ℓ∞)',
    l2: 'Length of the whole noise (ℓ2)',
  },
};

/** @param {{ own: unknown[], others: unknown[], ownText: string, othersText: string }} lesson */
export function lessonText({ own, others, ownText, othersText }) {
  if (!own.length) return SETUP.none;
  if (others.length)
    return `Both learn from ${ownText}, and are tried on ${othersText}, which they do not learn from.`;
  return `Both learn from ${ownText}. Nothing is held back to try them on: add pictures, and some will be.`;
}

/**
 * What is chosen, in one line.
 * @param {{ own: unknown[], others: unknown[] }} lesson
 * @param {BallNorm} norm
 * @param {number} radius
 */
export const setupText = ({ own, others }, norm, radius) =>
  `${own.length} to learn from, ${others.length} to try it on; ${norm === 'linf' ? '‖v‖∞' : '‖v‖₂'} at most ${radiusText(norm, radius)}`;

/** @param {BallNorm} norm @param {number} radius */
export const radiusText = (norm, radius) =>
  norm === 'linf' ? `${digits(radius)} of 255 levels` : `${amount(radius)} levels`;

/** @param {BallNorm} norm @param {{ l2: number, linf: number }} norms */
export const sizeText = (norm, norms) =>
  norm === 'linf' ? `‖v‖∞ = ${digits(norms.linf)} of 255` : `‖v‖₂ = ${amount(norms.l2)} levels`;

/** @param {'working' | 'counting' | 'done'} state @param {UniversalProgress | null} progress */
export function stateText(state, progress) {
  if (state === 'counting') return 'Counting whom it fools';
  if (!progress) return 'Looking at the pictures';
  const { passes, maxPasses, pictures, picturesAPass } = progress;
  return `Pass ${Math.min(passes + 1, maxPasses)} of at most ${maxPasses}, picture ${pictures} of ${picturesAPass}`;
}

/** @param {number} gradients */
export const gradientsText = (gradients) =>
  `${count(gradients)} ${gradients === 1 ? 'gradient' : 'gradients'}`;

/** What is counted, by name. @param {string} target empty for any other label */
export const countNames = (target) =>
  target
    ? { own: `Own pictures that become ${target}`, others: `Others that become ${target}` }
    : { own: 'Fooled, of its own pictures', others: 'Fooled, of others' };

/** The same while it grows. @param {string} target */
export const runningNames = (target) =>
  target
    ? { own: `Own pictures that become ${target}, as they come up`, others: 'Others' }
    : { own: 'Own pictures fooled, as they come up', others: 'Others fooled, last pass' };

/** @param {Share} share */
export const shareText = (share) =>
  `${ofAll(share)} (${percent(share.of ? share.fooled / share.of : 0)})`;

/** @param {number | null | undefined} rate */
export const rateText = (rate) => (typeof rate === 'number' ? percent(rate) : '–');

/**
 * @typedef {object} Counted what became of one method's noise
 * @property {Method} method
 * @property {number} gradients
 * @property {Share} own
 * @property {Share | null} others null where none were held back
 * @property {string} target its name; empty for any other label
 */

/** One sentence for one or both. @param {Counted[]} counted @returns {Sentence} */
export function raceSentence(counted) {
  const parts = counted.map(({ method, gradients, own, others, target }, index) => {
    const who =
      method === 'stochastic' ? 'the stochastic method’s noise' : 'the original algorithm’s';
    const first = method === 'stochastic' ? who : index ? who : 'the original algorithm’s noise';
    const tried = others ? ` and ${ofAll(others)} others` : '';
    const which = `${ofAll(own)} pictures that it learnt from${tried}`;
    const does = target ? `turns ${which} into ${target}` : `fools ${which}`;
    return `after ${gradientsText(gradients)} ${first} ${does}`;
  });
  if (!parts.length) return [];
  const [first, ...rest] = parts;
  const said = [first, ...rest].join('; ');
  const untried = counted.every(({ others }) => !others)
    ? ' No pictures were held back to try it on.'
    : '';
  return [`${said.charAt(0).toUpperCase()}${said.slice(1)}.${untried}`];
}

export const CHART = {
  label: 'Pictures fooled, by gradients',
  method: 'Method',
  pictures: 'Pictures',
  own: 'learnt from, as they come up',
  others: 'others',
  gradients: 'Gradients',
  rate: 'Fooling rate',
  rateTargeted: 'Fooling rate, or share that becomes the target',
  percent: (/** @type {number} */ value) => percent(value),
};

/** @param {Method} method @param {string} pictures */
export const seriesName = (method, pictures) => `${METHOD[method].title}: ${pictures}`;

// ---- below: what has been found out about such noises

export const PARTS = {
  gallery: {
    title: 'Not the only one',
    teaser: 'Other seeds give other noises, which fool alike and have little in common.',
  },
  transfer: {
    title: 'From network to network',
    teaser: 'A noise that was made for one network fools others too.',
  },
  graph: {
    title: 'Where the labels go',
    teaser: 'A few dominant labels take most of the pictures that are fooled.',
  },
  feedback: {
    title: 'Training against it',
    teaser: 'A network that learns from such noise can be fooled again by a new one.',
  },
};

export const LOADING = 'Loading the figures';
export const NO_FIGURES = 'The figures could not be downloaded.';
export const TRY_AGAIN = 'Try again';
export const HOW = 'How it was measured';
export const MEASURED = 'Measured with this page’s networks';
export const PUBLISHED = 'Published';

export const GALLERY_WORDS = {
  none: 'There is no noise of this network yet: let one grow above.',
  shippedNote: (/** @type {number} */ seed, /** @type {number} */ rate) =>
    `seed ${seed}, fools ${percent(rate)} of others`,
  shipped: 'Shipped',
  made: (/** @type {Method} */ method) => `Yours, ${METHOD[method].title.toLowerCase()}`,
  madeNote: (
    /** @type {number} */ seed,
    /** @type {BallNorm} */ norm,
    /** @type {number} */ radius,
  ) => `seed ${seed}, ${norm === 'linf' ? 'ℓ∞' : 'ℓ2'} ${amount(radius)}`,
  more: 'Let both grow with another seed, and the new ones hang here too.',
};

export const TRANSFER = {
  caption: (/** @type {string} */ data, /** @type {number} */ pictures) =>
    `Share of ${count(pictures)} ${data} pictures whose answer changes: the noise was made for the network of the row, and tried on that of the column.`,
  publishedCaption:
    'The same as published: noises of at most 10 of 255 levels, on photographs of ImageNet.',
  madeFor: 'made for',
  open: (/** @type {string} */ from, /** @type {string} */ on) =>
    `Open ${from}’s noise in Live, with ${on} beside it`,
  hint: 'A number that is underlined opens that pair in Live.',
  sets: 'With MNIST and CIFAR-10, counted on pictures of the test sets. Live tells the share among pictures held back from the training sets, which is another one.',
};

/** @param {{ from: string, on: string, value: number }} cell the best of those on another network @returns {string} */
export const transferSentence = ({ from, on, value }) =>
  `The noise made for ${from} changes ${percent(value)} of the answers of ${on}, which it has never met.`;

/** Where the true share lies, 95 times of 100. @param {number} low @param {number} high */
export const intervalText = (low, high) => `${percent(low)} to ${percent(high)}`;

/** @param {NetworkInfo} network */
export const dataOf = ({ data }) => data.split(/[\s,]/)[0];

export const GRAPH = {
  which: 'Whose labels',
  measured: (/** @type {number} */ pictures) => `Measured, ${count(pictures)} pictures`,
  yours: (/** @type {Method} */ method) => `Your noise, ${METHOD[method].title.toLowerCase()}`,
  label:
    'Graph of labels: an arrow leads from a class to the one in which most of its pictures end',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  whole: 'Show all of it',
  help: 'Drag to move. Zoom with the buttons, two fingers, or the wheel once the graph has been clicked. With the arrow keys, go from arrow to arrow.',
  dot: 'Save for Graphviz (.dot)',
  table: 'The same as a table',
  from: 'From',
  to: 'To',
  pictures: 'Pictures',
  drawing: 'Drawing the graph',
  noneLeft: 'No class has most of its pictures led to another one: there is nothing to draw.',
  none: 'Nothing was measured with this network: let a noise grow above, and its labels can be drawn here.',
};

/** @param {{ from: string, to: string, pictures: number, of: number }} edge */
export const edgeText = ({ from, to, pictures, of }) =>
  `${from} → ${to}: ${pictures} of ${of} ${of === 1 ? 'picture' : 'pictures'}`;

/** @param {{ name: string, pictures: number, left: number, attracted: number }} vertex */
export const vertexText = ({ name, pictures, left, attracted }) =>
  `${name}: ${count(attracted)} pictures of other classes end here; ${left} of its own ${pictures} leave`;

/**
 * @param {object} graph
 * @param {number} graph.pictures
 * @param {number} graph.fooled
 * @param {number} graph.takeHalf
 * @param {{ name: string, pictures: number, classes: number }[]} graph.dominant
 */
export function graphSentence({ pictures, fooled, takeHalf, dominant }) {
  if (!fooled) return `None of the ${count(pictures)} pictures is fooled.`;
  const [first] = dominant;
  const most = `${first.name} takes ${count(first.pictures)} of the ${count(fooled)} pictures that are fooled, and of ${first.classes} ${first.classes === 1 ? 'class' : 'classes'} most pictures end there`;
  return takeHalf === 1
    ? `One label alone takes half of them or more: ${most}.`
    : `${takeHalf} labels take half of them: ${most}.`;
}

export const FEEDBACK = {
  label: 'Fooling rate and accuracy by rounds of training on universal noise',
  round: 'Rounds of training',
  share: 'Share of pictures',
  fooled: 'Fooled by a new noise',
  right: 'Answered rightly, without noise',
  published: 'Fooled, as published',
  network: 'Network',
  what: 'What',
  low: 'From',
  high: 'To',
  none: 'No rounds were measured with this network; these are of another one.',
  command: 'The command that makes these figures',
};

/**
 * @param {object} rounds
 * @param {string} rounds.network
 * @param {number} rounds.first fooling rate
 * @param {number} rounds.lowest
 * @param {number} rounds.at the round of the lowest
 * @param {number} rounds.last
 * @param {number} rounds.count
 */
export const feedbackSentence = ({ network, first, lowest, at, last, count: rounds }) =>
  `Before training a new noise fools ${percent(first)} of ${network}’s pictures; after ${at} ${at === 1 ? 'round' : 'rounds'} ${percent(lowest)}, the least; after all ${rounds}, ${percent(last)}: training on such noise does not end it.`;

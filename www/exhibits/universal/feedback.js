/** Rounds of training on universal noise: each time a new noise is made, and fools again. */
import { html, nothing } from 'lit';
import '../../parts/chart.js';
import { percent } from '../../words/common.js';
import { FEEDBACK, feedbackSentence } from '../../words/universal.js';
import { UniversalPart, commands } from './part.js';

/**
 * @import { Entry, PublishedEntry } from './results.js'
 * @typedef {{ network: string, what: string, round: number, value: number, low?: number, high?: number }} Round
 */

const WHAT = { 'fooling rate': FEEDBACK.fooled, accuracy: FEEDBACK.right };

export class UniversalFeedback extends UniversalPart {
  static table = 'feedback';

  /** The same objects as long as nothing changes. @type {{ rows: Round[], spec: ReturnType<typeof specOf> } | null} */
  #chart = null;
  /** @type {Entry[]} */
  #entries = [];

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!this.figures || !(changed.has('figures') || changed.has('network'))) return;
    const { entries, published } = this.figures;
    const own = entries.filter(({ network }) => network === this.network);
    const first = entries[0]?.network;
    this.#entries = own.length ? own : entries.filter(({ network }) => network === first);
    const rows = [
      ...this.#entries.map((entry) => roundOf(entry)),
      ...published.map((entry) => ({ ...roundOf(entry), what: FEEDBACK.published })),
    ];
    this.#chart = { rows, spec: specOf(rows) };
  }

  content() {
    if (!this.#chart) return nothing;
    const { rows, spec } = this.#chart;
    const network = this.#entries[0]?.network;
    return html`${network === this.network ? nothing : html`<p>${FEEDBACK.none}</p>`}
      <p id="feedback-sentence">${sentence(rows)}</p>
      <plot-chart
        .spec=${spec}
        .rows=${rows}
        .columns=${columns}
        label=${FEEDBACK.label}
      ></plot-chart>
      <p class="fine">${this.figures?.published[0]?.source ?? ''}</p>
      ${commands(
        this.#entries.map(({ command }) => command),
        FEEDBACK.command,
      )}`;
  }
}

/** @param {Entry | PublishedEntry} entry whose measure is "fooling rate, round 3" @returns {Round} */
function roundOf(entry) {
  const [what, round] = entry.measure.split(', round ');
  return {
    network: 'title' in entry ? entry.title : entry.network,
    what: WHAT[/** @type {keyof typeof WHAT} */ (what)] ?? what,
    round: Number(round),
    value: entry.value,
    ...('low' in entry && { low: entry.low, high: entry.high }),
  };
}

/** @param {Round[]} rows */
function sentence(rows) {
  const fooled = rows.filter(({ what }) => what === FEEDBACK.fooled);
  if (!fooled.length) return '';
  const lowest = fooled.reduce((a, b) => (b.value < a.value ? b : a));
  const last = fooled[fooled.length - 1];
  return feedbackSentence({
    network: fooled[0].network,
    first: fooled[0].value,
    lowest: lowest.value,
    at: lowest.round,
    last: last.value,
    count: last.round,
  });
}

const share = (/** @type {number} */ value) => percent(value);

const columns = [
  { key: 'network', title: FEEDBACK.network },
  { key: 'what', title: FEEDBACK.what },
  { key: 'round', title: FEEDBACK.round },
  { key: 'value', title: FEEDBACK.share, format: share },
  { key: 'low', title: FEEDBACK.low, format: share },
  { key: 'high', title: FEEDBACK.high, format: share },
];

const ORDER = [FEEDBACK.fooled, FEEDBACK.right, FEEDBACK.published];

/** @param {Round[]} rows */
const specOf = (rows) => ({
  x: { label: FEEDBACK.round, ticks: [0, 1, 2, 3, 4, 5], tickFormat: 'd' },
  y: { label: FEEDBACK.share, domain: [0, 1], tickFormat: '%' },
  height: 300,
  marks: (/** @type {any} */ Plot, /** @type {any} */ colours) =>
    ORDER.flatMap((what, series) => {
      const of = rows.filter((row) => row.what === what);
      const stroke = colours.series[series];
      const at = { x: 'round', stroke };
      return [
        Plot.ruleX(
          of.filter(({ low }) => low !== undefined),
          { ...at, y1: 'low', y2: 'high', strokeOpacity: 0.6 },
        ),
        Plot.line(of, { ...at, y: 'value', strokeDasharray: colours.dashes[series] }),
        Plot.dot(of, { ...at, y: 'value', fill: stroke, symbol: colours.symbols[series] }),
      ];
    }),
  legend: ORDER.map((label, series) => ({ label, series })),
});

customElements.define('universal-feedback', UniversalFeedback);

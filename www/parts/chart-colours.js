/**
 * What tells one series of a chart from another: a colour, a shape and a dash, so
 * that nobody needs to see colours; and the legend that says which is which.
 */
import { html, nothing, svg } from 'lit';

/**
 * @typedef {typeof COLOURS} Colours
 *
 * @typedef {object} Key
 * @property {string} label
 * @property {number} series its place among the colours, symbols and dashes
 * @property {boolean} [line] unless told, a line with its dash
 * @property {boolean} [dot] unless told, a dot of its shape
 */

/** Okabe and Ito's, for each theme shifted to a contrast of 3 or more; see tokens.css. */
export const COLOURS = {
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  paper: 'var(--paper)',
  blue: 'var(--chart-blue)',
  vermilion: 'var(--chart-vermilion)',
  green: 'var(--chart-green)',
  purple: 'var(--chart-purple)',
  orange: 'var(--chart-orange)',
  sky: 'var(--chart-sky)',
  yellow: 'var(--chart-yellow)',
  /** In the order in which series take them; take the symbol and the dash of the same place. */
  series: [
    'var(--chart-blue)',
    'var(--chart-vermilion)',
    'var(--chart-green)',
    'var(--chart-purple)',
    'var(--chart-orange)',
    'var(--chart-sky)',
    'var(--ink)',
    'var(--chart-yellow)',
  ],
  symbols: ['circle', 'square', 'triangle', 'diamond', 'cross', 'star', 'wye', 'asterisk'],
  /** `stroke-dasharray`. */
  dashes: ['none', '7 4', '2 3', '8 3 2 3', '12 4', '4 2 1 2 1 2', '1 4', '10 3 4 3'],
};

/** The same shapes for the legend, around 0, in the order of the symbols. */
const SHAPES = [
  'M-4,0a4,4 0 1 0 8,0a4,4 0 1 0 -8,0',
  'M-3.5,-3.5h7v7h-7z',
  'M0,-4.5L4.5,3.5H-4.5z',
  'M0,-5.5L3.5,0L0,5.5L-3.5,0z',
  'M-1.5,-4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z',
  'M0,-5L1.2,-1.6L4.8,-1.5L1.9,0.6L2.9,4L0,2L-2.9,4L-1.9,0.6L-4.8,-1.5L-1.2,-1.6z',
  'M-1.2,0.7L-4.6,-1.3L-3.4,-3.4L0,-1.4L3.4,-3.4L4.6,-1.3L1.2,0.7V4.6H-1.2z',
  'M0,-5V5M-4.3,-2.5L4.3,2.5M-4.3,2.5L4.3,-2.5',
];

/** @param {Key[] | undefined} keys */
export function legend(keys) {
  if (!keys?.length) return nothing;
  return html`<ul class="chart-legend">
    ${keys.map((key) => html`<li>${swatch(key)} ${key.label}</li>`)}
  </ul>`;
}

/** @param {Key} key */
function swatch({ series, line = true, dot = true }) {
  const stroke = svg`<path d="M-14,0H14" fill="none" stroke-width="1.5" stroke-dasharray=${COLOURS.dashes[series]} />`;
  const shape = svg`<path d=${SHAPES[series]} fill="currentcolor" stroke-width=${COLOURS.symbols[series] === 'asterisk' ? 1 : 0} />`;
  return html`<svg
    viewBox="-14 -6 28 12"
    width="28"
    height="12"
    stroke="currentcolor"
    .style="color: ${COLOURS.series[series]}"
    aria-hidden="true"
  >
    ${line ? stroke : nothing} ${dot ? shape : nothing}
  </svg>`;
}

/**
 * A chart by Observable Plot, as wide as its place: labelled axes, the page's
 * colours, and the same rows as a table for who reads rather than looks. The
 * library is one chunk that all exhibits share, and comes when the first chart is
 * there. Colours are CSS variables, so a change of theme needs no new drawing.
 *
 * Every new `spec` or `rows` is drawn: hand in the same objects while nothing has
 * changed.
 */
import { html, nothing } from 'lit';
import { asTable, cellText, heading, notLoaded, tableOf, tryAgain } from '../words/chart.js';
import { LANGUAGE } from '../words/common.js';
import { COLOURS, legend } from './chart-colours.js';
import './chart.css';
import { pause } from '../pause.js';
import { Part } from './part.js';

/**
 * @import { Column } from '../words/chart.js'
 * @import { Colours, Key } from './chart-colours.js'
 * @typedef {typeof import('@observablehq/plot')} Plot
 *
 * @typedef {object} Spec
 * @property {(plot: Plot, colours: Colours, place: { width: number, rows: any[] }) => any[]} marks
 * @property {Axis} x
 * @property {Axis} y
 * @property {number} [height] in CSS pixels; else it follows the width
 * @property {object} [color] Plot's own options of that scale
 * @property {object} [symbol] the same for the shapes of dots
 * @property {Key[]} [legend] which line is which
 * @property {{ marginLeft?: number } & Record<string, any>} [more] other options of Plot
 *
 * @typedef {{ label: string, type?: any, domain?: any } & Record<string, any>} Axis
 */

/** @type {Promise<Plot> | null} */
let loading = null;

/** Once for the page; anew after a failure. */
function loadPlot() {
  loading ??= import(/* webpackChunkName: "charts" */ '@observablehq/plot').catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** Settles when all charts are drawn that were due. @type {Promise<unknown>} */
let drawing = Promise.resolve();

/** Narrower than that nothing can be read. */
const LEAST_WIDTH = 220;

export class PlotChart extends Part {
  static properties = {
    spec: { attribute: false },
    rows: { attribute: false },
    columns: { attribute: false },
    label: {},
    plot: { state: true },
    failed: { state: true },
    width: { state: true },
    opened: { state: true },
  };

  /** Whether it is going to be drawn anew. */
  #isDue = false;
  #observer = new ResizeObserver(([{ contentRect }]) => {
    this.width = Math.max(LEAST_WIDTH, Math.floor(contentRect.width));
  });

  constructor() {
    super();
    /** @type {Spec | null} */
    this.spec = null;
    /** @type {any[]} */
    this.rows = [];
    /** @type {Column[]} */
    this.columns = [];
    /** What a screen reader hears in place of the drawing. */
    this.label = '';
    /** @type {Plot | null} */
    this.plot = null;
    this.failed = false;
    this.width = 0;
    /** Whether somebody wants the table: until then there are no rows of it. */
    this.opened = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  async #load() {
    this.failed = false;
    try {
      this.plot = await loadPlot();
    } catch {
      this.failed = true;
    }
  }

  render() {
    return html`${this.failed ? nothing : legend(this.spec?.legend)}
      <div class="chart-place" .style="min-height: ${this.failed ? 0 : this.#height}px"></div>
      ${
        this.failed
          ? html`<p class="chart-trouble" role="alert">
              ${notLoaded}
              <button type="button" @click=${() => this.#load()}>${tryAgain}</button>
            </p>`
          : nothing
      }
      ${
        this.columns.length
          ? html`<details
              class="chart-table"
              ?open=${this.failed}
              @toggle=${() => (this.opened = true)}
            >
              <summary>${asTable}</summary>
              <div
                class="chart-scroll"
                role="region"
                tabindex="0"
                aria-label=${tableOf(this.label)}
              >
                <table>
                  <thead>
                    <tr>
                      ${this.columns.map((column) => html`<th scope="col">${heading(column)}</th>`)}
                    </tr>
                  </thead>
                  <tbody>
                    ${
                      this.opened
                        ? this.rows.map(
                            (row) =>
                              html`<tr>
                                ${this.columns.map(
                                  (column) => html`<td>${cellText(column, row)}</td>`,
                                )}
                              </tr>`,
                          )
                        : nothing
                    }
                  </tbody>
                </table>
              </div>
            </details>`
          : nothing
      }`;
  }

  firstUpdated() {
    this.#observer.observe(this.#place);
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!this.isConnected) return;
    // Taken out and put back, it has to watch its width again.
    this.#observer.observe(this.#place);
    if (['spec', 'rows', 'label', 'plot', 'width'].some((name) => changed.has(name)))
      this.#drawSoon();
  }

  get #place() {
    return /** @type {HTMLElement} */ (this.querySelector('.chart-place'));
  }

  get #height() {
    const usual = Math.min(380, Math.max(240, this.width * 0.55));
    return Math.round((this.spec?.height ?? usual) * letter());
  }

  /** One chart after the other, with a pause between. */
  #drawSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    drawing = drawing.then(pause).then(() => {
      this.#isDue = false;
      if (this.isConnected) this.#draw();
    });
  }

  #draw() {
    const { plot, spec, width } = this;
    if (!plot || !spec || !width) return;
    const place = this.#place;
    const first = this.#drawn(plot, spec, {});
    place.replaceChildren(first);
    // Plot does not know how wide the words beside an axis are before they are drawn.
    const missing = Math.ceil(overhang(place));
    if (missing > 0 && spec.more?.marginLeft === undefined) {
      const marginLeft = Math.min(40 + missing, Math.round(width * 0.45));
      place.replaceChildren(this.#drawn(plot, spec, { marginLeft }));
    }
    // The drawing is one picture; names of its groups, which have no role, are not allowed.
    for (const group of place.querySelectorAll('g[aria-label]'))
      group.removeAttribute('aria-label');
  }

  /** @param {Plot} plot @param {Spec} spec @param {object} margins */
  #drawn(plot, spec, margins) {
    const { width, rows } = this;
    const unit = letter();
    const drawn = plot.plot({
      width,
      height: this.#height,
      marginBottom: 40 * unit,
      style: {
        fontFamily: 'inherit',
        fontSize: `${12 * unit}px`,
        background: 'none',
        overflow: 'visible',
      },
      ...margins,
      ...spec.more,
      inset: 6,
      x: axis(spec.x, width / (72 * unit)),
      y: axis(spec.y, this.#height / (48 * unit)),
      ...(spec.color && { color: spec.color }),
      ...(spec.symbol && { symbol: spec.symbol }),
      marks: spec.marks(plot, COLOURS, { width, rows }),
    });
    // Inline styles are not allowed here: what they say stands in chart.css.
    for (const style of drawn.querySelectorAll('style')) style.remove();
    const svg = drawn.matches('svg') ? drawn : drawn.querySelector(':scope > svg:last-of-type');
    svg?.setAttribute('role', 'img');
    svg?.setAttribute('aria-label', this.label);
    return drawn;
  }
}

/** How much larger than usual the page's words are: in the presenter's view they grow. */
const letter = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** @param {Axis} wish @param {number} room how many ticks can be read @returns {any} */
function axis(wish, room) {
  // Between powers of ten, words would be written over each other.
  const isLog = wish.type === 'log';
  return {
    labelArrow: 'none',
    // A power of ten more would leave most of the room empty.
    nice: wish.domain === undefined && !isLog,
    ticks: Math.max(2, Math.round(isLog ? room / 2 : room)),
    ...(isLog && { tickFormat: plain }),
    ...wish,
  };
}

/** Not in powers of ten, and with groups of three. @param {unknown} value */
const plain = (value) =>
  typeof value === 'number'
    ? value.toLocaleString(LANGUAGE, { maximumSignificantDigits: 4 })
    : String(value);

/** How far the words of the vertical axis stick out on the left, in pixels. @param {HTMLElement} place */
function overhang(place) {
  const edge = place.getBoundingClientRect().left;
  const words = [...place.querySelectorAll('[aria-label="y-axis tick label"] text')];
  return Math.max(0, ...words.map((word) => edge - word.getBoundingClientRect().left));
}

customElements.define('plot-chart', PlotChart);

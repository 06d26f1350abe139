/**
 * The drawing of a section, on which a point is marked: by pointing, by dragging,
 * or with the arrow keys. Events: `point` ({ right, up, settled }), in grey levels
 * from the picture.
 */
import { html, nothing } from 'lit';
import { Part } from '../../parts/part.js';
import { cursorText, labelOf, others, planeLabel } from '../../words/geometry.js';
import { percent } from '../../words/common.js';
import { MARGIN, across, drawPlane, heightOf, levelsAt, squareOf } from './draw-plane.js';
import { LOOKS, drawSwatch, fills } from './patterns.js';

/**
 * @import { SectionAnswers } from '../../engine/types.js'
 * @import { Ranks } from './ranks.js'
 * @import { Kind } from './second.js'
 * @typedef {{ right: number, up: number }} Place in grey levels, from the picture
 */

/** In widths of a letter (rem): what is drawn grows with the page's words, so in the presenter's view too. */
const LARGEST = 40;

/** Pixels of a rem where the drawing is as it is written down. */
const USUAL = 16;

/** What a key does to the marked point, in steps to the right and up. @type {Record<string, [number, number]>} */
const KEYS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export class PlaneMap extends Part {
  static properties = {
    section: { attribute: false },
    ranks: { attribute: false },
    kind: {},
    place: { attribute: false },
    theme: {},
    said: { attribute: false },
    unit: { state: true },
    width: { state: true },
  };

  #observer = new ResizeObserver(([{ contentRect }]) => {
    this.unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL;
    this.width = Math.min(LARGEST * USUAL, contentRect.width / this.unit);
  });
  #dark = matchMedia('(prefers-color-scheme: dark)');
  #redraw = () => this.#draw();

  constructor() {
    super();
    /** @type {SectionAnswers | null} */
    this.section = null;
    /** @type {Ranks | null} */
    this.ranks = null;
    /** Of the second direction. @type {Kind} */
    this.kind = 'random';
    /** @type {Place} */
    this.place = { right: 0, up: 0 };
    this.theme = '';
    /** The exact answer at the marked point, once there is one: near a boundary the nearest point of the grid may lie beyond. @type {string | null} */
    this.said = null;
    /** Pixels to one of the drawing's. */
    this.unit = 1;
    /** In units. */
    this.width = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#dark.addEventListener('change', this.#redraw);
    this.#observer.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#dark.removeEventListener('change', this.#redraw);
    this.#observer.disconnect();
  }

  render() {
    const { section, width, unit } = this;
    if (!width) return nothing;
    const side = squareOf(width);
    const px = (/** @type {number} */ length) => `${length * unit}px`;
    const size = `width: ${px(width)}; height: ${px(heightOf(width))}`;
    const square = `left: ${px(MARGIN.left)}; top: ${px(MARGIN.top)}; width: ${px(side)}; height: ${px(side)}`;
    const { x, y } = this.#onSquare();
    return html`<div class="plane" .style=${size}>
        ${
          section
            ? html`<canvas role="img" aria-label=${planeLabel(section)} .style=${size}></canvas>
                <div
                  class="plane-square"
                  role="slider"
                  tabindex="0"
                  aria-label=${labelOf.cursor}
                  aria-valuemin=${Math.round(-section.reach)}
                  aria-valuemax=${Math.round(section.reach)}
                  aria-valuenow=${Math.round(this.place.right)}
                  aria-valuetext=${cursorText(this.place, this.#nameAt())}
                  .style=${square}
                  @pointerdown=${this.#pointed}
                  @pointermove=${this.#pointed}
                  @keydown=${this.#pressed}
                >
                  <span class="plane-cursor" .style="left: ${x * 100}%; top: ${y * 100}%"></span>
                  <span
                    class="plane-tip"
                    data-side=${x > 0.5 ? 'left' : 'right'}
                    data-under=${y < 0.15}
                    .style="left: ${x * 100}%; top: ${y * 100}%"
                    >${this.#nameAt()}</span
                  >
                </div>`
            : html`<div class="plane-empty" .style=${square}></div>`
        }
      </div>
      ${section ? this.#legend() : nothing}`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (['section', 'kind', 'theme', 'width', 'unit'].some((name) => changed.has(name)))
      this.#draw();
  }

  #legend() {
    const { section, ranks } = this;
    if (!section || !ranks) return nothing;
    const last = LOOKS.length - 1;
    const own = section.regions.filter(({ label }) => ranks.of(label) < last);
    const rest = section.regions.filter(({ label }) => ranks.of(label) >= last);
    const share = rest.reduce((sum, region) => sum + region.share, 0);
    return html`<ul class="plane-legend" aria-label=${labelOf.legend}>
      ${own.map(({ label, name, share }) => this.#key(ranks.of(label), name, share, label))}
      ${rest.length ? this.#key(last, `${rest.length} ${others}`, share, -1) : nothing}
    </ul>`;
  }

  /** @param {number} rank @param {string} name @param {number} share @param {number} label */
  #key(rank, name, share, label) {
    return html`<li data-label=${label} data-share=${share}>
      <canvas
        class="plane-key"
        width="48"
        height="32"
        data-rank=${rank}
        aria-hidden="true"
      ></canvas>
      <span>${name}</span><span class="plane-share">${percent(share)}</span>
    </li>`;
  }

  /** The whole drawing, names and axes in it, to be kept. @returns {Promise<Blob | null>} */
  async picture() {
    const canvas = document.createElement('canvas');
    const plan = this.#plan(900, 2);
    if (!plan) return null;
    drawPlane(canvas, plan);
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  }

  #draw() {
    const canvas = this.querySelector('canvas');
    const plan = this.#plan(this.width, this.unit * Math.max(1, Math.min(3, devicePixelRatio)));
    if (!(canvas instanceof HTMLCanvasElement) || !plan) return;
    drawPlane(canvas, plan);
    const patterns = fills(plan.colour, 2);
    for (const key of this.querySelectorAll('canvas.plane-key'))
      if (key instanceof HTMLCanvasElement) drawSwatch(key, patterns[Number(key.dataset.rank)]);
  }

  /** @param {number} size @param {number} scale */
  #plan(size, scale) {
    const { section, ranks, kind } = this;
    if (!section || !ranks || !size) return null;
    const styles = getComputedStyle(this);
    return {
      section,
      ranks,
      kind,
      size,
      scale,
      colour: this.#colours(),
      font: styles.fontFamily,
    };
  }

  /** Tokens as a canvas takes them, in the theme that is on. */
  #colours() {
    const probe = this.appendChild(document.createElement('span'));
    probe.hidden = true;
    /** @type {Map<string, string>} */
    const known = new Map();
    const colour = (/** @type {string} */ token) => {
      probe.style.color = `var(${token})`;
      return getComputedStyle(probe).color;
    };
    const tokens = ['--paper', '--surface', '--ink', '--muted', '--edge-line'];
    for (const token of [...tokens, ...LOOKS.map(({ token }) => token)])
      known.set(token, colour(token));
    probe.remove();
    return (/** @type {string} */ token) => known.get(token) ?? '';
  }

  /** The marked point, from the upper left corner, as shares of the side. */
  #onSquare() {
    const { section, place } = this;
    if (!section) return { x: 0.5, y: 0.5 };
    return { x: across(place.right, section), y: across(-place.up, section) };
  }

  #nameAt() {
    const { section, said } = this;
    if (!section) return '';
    if (said !== null) return said;
    const { x, y } = this.#onSquare();
    const n = section.points;
    const cell = (/** @type {number} */ share) => Math.min(n - 1, Math.floor(share * n));
    const label = section.labels[cell(1 - y) * n + cell(x)];
    return section.regions.find((region) => region.label === label)?.name ?? '';
  }

  /** @param {PointerEvent} event */
  #pointed(event) {
    const pressed = event.type === 'pointerdown';
    // A finger that moves scrolls the page; it marks where it is put down.
    if (!pressed && event.pointerType !== 'mouse') return;
    const { section } = this;
    if (!section) return;
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    this.#mark({
      right: levelsAt((event.clientX - box.left) / box.width, section),
      up: -levelsAt((event.clientY - box.top) / box.height, section),
    });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const move = KEYS[event.key];
    const { section } = this;
    if (!section || (!move && event.key !== 'Home')) return;
    event.preventDefault();
    const { reach } = section;
    const step = (reach / 40) * (event.shiftKey ? 5 : 1);
    const within = (/** @type {number} */ value) => Math.min(reach, Math.max(-reach, value));
    const [right, up] = move ?? [0, 0];
    this.#mark(
      move
        ? { right: within(this.place.right + right * step), up: within(this.place.up + up * step) }
        : { right: 0, up: 0 },
    );
  }

  /** @param {Place} place */
  #mark(place) {
    this.tell('point', place);
  }
}

customElements.define('plane-map', PlaneMap);

/**
 * A graph of labels, drawn: an arrow from a class to that in which most of its
 * pictures end. Under the pointer, or from arrow to arrow with the keys, it says
 * which. Drag, pinch and wheel by d3-zoom.
 */
import { select } from 'd3-selection';
import { zoom, zoomIdentity } from 'd3-zoom';
import { html, nothing, svg } from 'lit';
import { Part } from '../../parts/part.js';
import { GRAPH, edgeText, vertexText } from '../../words/universal.js';
import { FEW, boundsOf } from './layout.js';

/** @import { Arrow, Place, Plan } from './layout.js' */

/** From so far on, every class is named. */
const NEAR = 2.5;
/** So many dominant labels are named always. */
const NAMED = 4;

export class LabelGraphView extends Part {
  static properties = {
    plan: { attribute: false },
    said: { state: true },
    at: { state: true },
  };

  #zoom = zoom()
    .scaleExtent([1, 16])
    // A page must go on scrolling under a wheel or a finger.
    .filter((event) => {
      if (event.type === 'wheel') return event.ctrlKey || document.activeElement === this.#svg;
      if (event.type.startsWith('touch')) return event.touches.length > 1 || this.#scale > 1;
      return !event.ctrlKey && !event.button;
    })
    .on('zoom', ({ transform }) => {
      this.#scale = transform.k;
      const { x, y, k } = transform;
      this.querySelector('.graph-all')?.setAttribute(
        'transform',
        `translate(${x},${y}) scale(${k})`,
      );
      this.#svg?.style.setProperty('--k', String(k));
      this.#svg?.toggleAttribute('data-near', k >= NEAR);
    });
  #scale = 1;
  /** Words keep their size on the screen, however large the drawing is. */
  #observer = new ResizeObserver(() => this.#measure());

  constructor() {
    super();
    /** @type {Plan | null} */
    this.plan = null;
    /** What is under the pointer, or chosen with the keys. */
    this.said = '';
    /** The arrow that is chosen with the keys; -1 for none. */
    this.at = -1;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  #measure() {
    const svg = this.#svg;
    if (!svg || !this.plan) return;
    const { width, height } = boundsOf(this.plan.places);
    const pixels = Math.min(svg.clientWidth / width, svg.clientHeight / height);
    svg.style.setProperty('--unit', String(1 / pixels));
  }

  get #svg() {
    return /** @type {SVGSVGElement | null} */ (this.querySelector('svg.graph'));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('plan')) {
      this.said = '';
      this.at = -1;
    }
  }

  render() {
    const { plan } = this;
    if (!plan) return nothing;
    const { x, y, width, height } = boundsOf(plan.places);
    const most = Math.max(...plan.arrows.map(({ pictures }) => pictures));
    const named = [...plan.places]
      .sort((a, b) => b.attracted - a.attracted)
      .filter((place) => plan.arrows.some(({ target }) => target === place))
      .slice(0, NAMED);
    return html`<div class="graph-tools">
        ${tool('zoom-in', GRAPH.zoomIn, 'M8 3v10M3 8h10', () => this.#by(1.6))}
        ${tool('zoom-out', GRAPH.zoomOut, 'M3 8h10', () => this.#by(1 / 1.6))}
        ${tool('zoom-all', GRAPH.whole, 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4', () => this.#all())}
      </div>
      <svg
        class="graph"
        ?data-few=${plan.places.length < FEW}
        viewBox="${x} ${y} ${width} ${height}"
        role="application"
        tabindex="0"
        aria-label=${GRAPH.label}
        aria-describedby="graph-said graph-help"
        @keydown=${this.#key}
        @pointerover=${this.#over}
        @pointerout=${() => this.at < 0 && (this.said = '')}
      >
        <defs>
          <marker
            id="graph-head"
            viewBox="0 0 6 6"
            refX="5"
            refY="3"
            markerUnits="userSpaceOnUse"
            markerWidth="8"
            markerHeight="8"
            orient="auto"
          >
            <path d="M0 0 6 3 0 6Z" />
          </marker>
        </defs>
        <g class="graph-all">
          ${plan.arrows.map((arrow, index) => this.#arrow(arrow, index, named, most))}
          ${plan.places.map((place, index) => this.#place(place, index, named))}
          ${plan.places.map((place) => name(place, named))}
        </g>
      </svg>
      <p class="graph-said" id="graph-said" aria-live="polite">${this.said || html`&nbsp;`}</p>`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has('plan') || !this.#svg || !this.plan) return;
    const { x, y, width, height } = boundsOf(this.plan.places);
    const box = /** @type {[[number, number], [number, number]]} */ ([
      [x, y],
      [x + width, y + height],
    ]);
    this.#zoom.extent(box).translateExtent(box);
    this.#observer.observe(this.#svg);
    select(this.#svg).call(this.#zoom).on('dblclick.zoom', null);
    this.#all();
  }

  /** @param {Arrow} arrow @param {number} index @param {Place[]} named @param {number} most */
  #arrow({ source, target, pictures }, index, named, most) {
    const length = Math.hypot(target.x - source.x, target.y - source.y) || 1;
    const [dx, dy] = [(target.x - source.x) / length, (target.y - source.y) / length];
    const end = target.radius + 1;
    return svg`<line
      data-arrow=${index}
      ?data-dominant=${named.includes(target)}
      ?data-chosen=${index === this.at}
      x1=${source.x + dx * source.radius}
      y1=${source.y + dy * source.radius}
      x2=${target.x - dx * end}
      y2=${target.y - dy * end}
      .style="--width: ${Math.sqrt(pictures / most)}"
      marker-end="url(#graph-head)"
    />`;
  }

  /** @param {Place} place @param {number} index @param {Place[]} named */
  #place({ x, y, radius, label }, index, named) {
    const isDominant = named.some((place) => place.label === label);
    return svg`<circle
      data-place=${index}
      ?data-dominant=${isDominant}
      cx=${x}
      cy=${y}
      r=${radius}
    />`;
  }

  /** @param {PointerEvent} event */
  #over = ({ target }) => {
    const { plan } = this;
    if (!(target instanceof SVGElement) || !plan) return;
    const { arrow, place } = target.dataset;
    if (arrow) this.#say(plan.arrows[Number(arrow)]);
    if (place) {
      const vertex = plan.places[Number(place)];
      const [only, ...more] = plan.arrows.filter(({ source }) => source === vertex);
      if (only && !more.length && !vertex.attracted) this.#say(only);
      else this.said = vertexText(vertex);
    }
    if (arrow || place) this.at = -1;
  };

  /** @param {Arrow} arrow */
  #say({ source, target, pictures, of }) {
    this.said = edgeText({ from: source.name, to: target.name, pictures, of });
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const times = { '+': 1.6, '=': 1.6, '-': 1 / 1.6 }[event.key];
    if (times) this.#by(times);
    else if (event.key === '0') this.#all();
    else if (step && this.plan?.arrows.length) {
      const { arrows } = this.plan;
      this.at =
        this.at < 0
          ? step > 0
            ? 0
            : arrows.length - 1
          : (this.at + step + arrows.length) % arrows.length;
      this.#say(arrows[this.at]);
    } else return;
    event.preventDefault();
  };

  /** @param {number} times */
  #by(times) {
    if (this.#svg) this.#zoom.scaleBy(select(this.#svg), times);
  }

  #all() {
    if (this.#svg) this.#zoom.transform(select(this.#svg), zoomIdentity);
  }
}

/** @param {string} id @param {string} label @param {string} path @param {() => void} click */
const tool = (id, label, path, click) =>
  html`<button
    type="button"
    class="quiet"
    id=${id}
    aria-label=${label}
    title=${label}
    @click=${click}
  >
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=${path} /></svg>
  </button>`;

/** @param {Place} place @param {Place[]} named */
function name(place, named) {
  const rank = named.indexOf(place);
  return svg`<text
    class=${rank < 0 ? 'graph-name' : 'graph-name dominant'}
    x=${place.x}
    y=${place.y}
    dy=${rank < 0 ? -place.radius - 6 : 0}
    .style="--size: ${rank < 0 ? 0 : Math.min(1, place.attracted / Math.max(1, named[0].attracted))}"
    aria-hidden="true"
  >${place.name}</text>`;
}

customElements.define('label-graph-view', LabelGraphView);

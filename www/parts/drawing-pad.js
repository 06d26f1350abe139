/**
 * Where a visitor draws a digit with finger, pen or mouse, and sees at every moment
 * how it is read. Done, it goes the way of a file: the event `file` (Arrival).
 */
import { encode } from 'fast-png';
import { html, nothing } from 'lit';
import { latestOnly } from '../latest.js';
import { asMnist, write } from '../pictures/drawn/by-hand.js';
import './dialog.css';
import * as words from '../words/drawing.js';
import './class-bars.js';
import './drawing-pad.css';
import { Part } from './part.js';
import './pixel-view.js';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { Answer, Picture } from '../engine/types.js'
 * @import { Stroke, Point } from '../pictures/drawn/by-hand.js'
 */

/** Of the drawing area's side. */
const PEN = 0.085;

export class DrawingPad extends Part {
  static properties = {
    engine: { attribute: false },
    answer: { state: true },
    seen: { state: true },
    count: { state: true },
  };

  /** @type {Stroke[]} */
  #strokes = [];
  /** The pointer that draws. @type {number | null} */
  #pointer = null;
  #frame = 0;
  #ask = latestOnly((/** @type {Stroke[]} */ strokes) => this.#answer(strokes));

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** @type {Answer | null} */
    this.answer = null;
    /** The drawing as the network sees it. @type {Picture | null} */
    this.seen = null;
    /** How many strokes there are. */
    this.count = 0;
  }

  show() {
    this.querySelector('dialog')?.showModal();
    this.#changed();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    cancelAnimationFrame(this.#frame);
  }

  render() {
    const none = this.count === 0;
    const network = this.engine?.network.title ?? '';
    return html`<dialog class="drawing" aria-labelledby="drawing-title" @keydown=${this.#key}>
      <div class="dialog-head">
        <h2 id="drawing-title">${words.DRAW}</h2>
        <form method="dialog"><button>${words.CLOSE}</button></form>
      </div>
      <div class="drawing-body">
        <canvas
          class="pad"
          role="img"
          tabindex="-1"
          aria-label=${words.PAD}
          @pointerdown=${this.#down}
          @pointermove=${this.#move}
          @pointerup=${this.#up}
          @pointercancel=${this.#up}
        ></canvas>
        <div class="drawing-read">
          <div class="drawing-seen">
            <div class="seen-square">
              ${
                this.seen
                  ? html`<pixel-view .picture=${this.seen} .label=${words.SEEN}></pixel-view>`
                  : nothing
              }
            </div>
            <p class="fine">${words.SEEN}</p>
          </div>
          <class-bars
            .answer=${this.answer}
            .clean=${this.answer?.top[0].label ?? -1}
            .moving=${true}
            .label=${words.BARS}
          ></class-bars>
        </div>
      </div>
      <p class="drawing-text" aria-live="polite">
        ${this.answer && !none ? words.readText(network, this.answer) : words.EMPTY}
      </p>
      <div class="dialog-buttons">
        <button type="button" class="primary" id="use-digit" ?disabled=${none} @click=${this.#use}>
          ${words.USE}
        </button>
        <button type="button" id="undo-stroke" ?disabled=${none} @click=${this.#undo}>
          ${words.UNDO}
        </button>
        <button type="button" id="clear-digit" ?disabled=${none} @click=${this.#clear}>
          ${words.CLEAR}
        </button>
      </div>
      <p class="fine">${words.NO_POINTER}</p>
    </dialog>`;
  }

  // ---- the pen

  /** @param {PointerEvent} event */
  #down(event) {
    if (this.#pointer !== null || event.button !== 0) return;
    event.preventDefault();
    // So that the dialog hears keys, whatever button was disabled under the focus.
    this.#pad.focus();
    this.#pad.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#strokes.push([this.#at(event)]);
    this.#changed();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    // What the pointer passed since the last frame, where the browser tells.
    const all = event.getCoalescedEvents?.() ?? [];
    const stroke = this.#strokes[this.#strokes.length - 1];
    for (const each of all.length ? all : [event]) {
      const [x, y] = this.#at(each);
      const [lastX, lastY] = stroke[stroke.length - 1];
      // Points that lie on one another make a curve of corners.
      if (Math.hypot(x - lastX, y - lastY) > 0.003) stroke.push([x, y]);
    }
    this.#changed();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#changed();
  }

  /** @param {PointerEvent} event @returns {Point} */
  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.#pad.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.#undo();
  }

  #undo() {
    this.#strokes.pop();
    this.#changed();
  }

  #clear() {
    this.#strokes = [];
    this.#changed();
  }

  // ---- what becomes of it

  #changed() {
    this.count = this.#strokes.length;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
    if (this.count) {
      this.#ask(this.#strokes.map((stroke) => [...stroke]));
    } else {
      this.answer = null;
      this.seen = null;
    }
  }

  /** At every pixel that the screen has. */
  #draw() {
    const pad = this.#pad;
    const side = Math.round(pad.clientWidth * devicePixelRatio);
    Object.assign(pad, { width: side, height: side });
    const context = /** @type {CanvasRenderingContext2D} */ (pad.getContext('2d'));
    context.fillRect(0, 0, side, side);
    context.scale(side, side);
    write(context, this.#strokes, PEN);
  }

  /** @param {Stroke[]} strokes */
  async #answer(strokes) {
    const { engine } = this;
    if (!engine?.device) return;
    try {
      const seen = await engine.loadPicture(asMnist(strokes));
      const { clean } = await engine.classify(seen);
      if (!this.#strokes.length) return;
      this.seen = seen;
      this.answer = clean;
    } catch {
      // The worker starts again, and the next point of the stroke is answered.
    }
  }

  #use() {
    const { data, width, height } = asMnist(this.#strokes);
    const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (
      encode({ data, width, height, channels: 4 })
    );
    this.tell('file', {
      files: [new File([bytes], words.FILE, { type: 'image/png' })],
      more: false,
    });
    this.querySelector('dialog')?.close();
  }

  get #pad() {
    return /** @type {HTMLCanvasElement} */ (this.querySelector('.pad'));
  }
}

customElements.define('drawing-pad', DrawingPad);

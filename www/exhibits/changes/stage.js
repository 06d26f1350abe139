/**
 * Where a change is made by hand: a patch that can be dragged over the picture, or
 * the picture that can be dragged under its frame. Events: `place` (Patch or Moved).
 */
import { html } from 'lit';
import { Part } from '../../parts/part.js';
import '../../parts/pixel-view.js';
import * as words from '../../words/changes.js';
import { REACH, STILL, inside, within } from './values.js';

/**
 * @import { Moved, Picture } from '../../engine/types.js'
 * @import { Patch } from './values.js'
 */

const LEAP = 10;

export class ChangeStage extends Part {
  static properties = {
    picture: { attribute: false },
    kind: {},
    patch: { attribute: false },
    colour: {},
    moved: { attribute: false },
  };

  /** Where the pointer took hold, and of what. @type {{ x: number, y: number, pixel: number, patch: Patch, moved: Moved } | null} */
  #held = null;

  constructor() {
    super();
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {'patch' | 'move'} */
    this.kind = 'patch';
    /** @type {Patch} */
    this.patch = { x: 0, y: 0, side: 1 };
    this.colour = '';
    /** @type {Moved} */
    this.moved = STILL;
  }

  render() {
    if (!this.picture) return html``;
    return this.kind === 'patch' ? this.#patch(this.picture) : this.#frame(this.picture);
  }

  /** @param {Picture} picture */
  #patch(picture) {
    const { x, y, side } = this.patch;
    const share = (/** @type {number} */ value) => `${(100 * value) / picture.side}%`;
    return html`<div class="stage" @click=${this.#jump}>
      <pixel-view class="faint" .picture=${picture} .label=${words.UNDER.patch}></pixel-view>
      <div
        class="patch held"
        role="slider"
        tabindex="0"
        aria-label=${words.STAGE}
        aria-valuemin="0"
        aria-valuemax=${picture.side - side}
        aria-valuenow=${x}
        aria-valuetext=${words.placeText(this.patch)}
        .style="left: ${share(x)}; top: ${share(y)}; width: ${share(side)}; background: #${
          this.colour
        }"
        @pointerdown=${this.#hold}
        @pointermove=${this.#drag}
        @pointerup=${this.#let}
        @pointercancel=${this.#let}
        @keydown=${this.#key}
      ></div>
    </div>`;
  }

  /** @param {Picture} picture */
  #frame(picture) {
    const { right, down, degrees, scale } = this.moved;
    const share = (/** @type {number} */ value) => `${(100 * value) / picture.side}%`;
    return html`<div class="stage">
      <div class="frame">
        <pixel-view
          class="held"
          .picture=${picture}
          .label=${words.UNDER.move}
          .style="transform: translate(${share(right)}, ${share(
            down,
          )}) rotate(${degrees}deg) scale(${scale})"
          @pointerdown=${this.#hold}
          @pointermove=${this.#drag}
          @pointerup=${this.#let}
          @pointercancel=${this.#let}
        ></pixel-view>
      </div>
    </div>`;
  }

  /** @param {PointerEvent} event */
  #hold(event) {
    if (event.button !== 0 || this.#held || !this.picture) return;
    const held = /** @type {HTMLElement} */ (event.currentTarget);
    held.setPointerCapture(event.pointerId);
    const room = /** @type {HTMLElement} */ (held.closest('.frame') ?? held.closest('.stage'));
    const pixel = room.clientWidth / this.picture.side;
    const { patch, moved } = this;
    this.#held = { x: event.clientX, y: event.clientY, pixel, patch, moved };
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (!this.#held || !this.picture) return;
    const { x, y, pixel, patch, moved } = this.#held;
    const [right, down] = [(event.clientX - x) / pixel, (event.clientY - y) / pixel];
    const { side } = this.picture;
    if (this.kind === 'patch') {
      return this.#place(inside({ ...patch, x: patch.x + right, y: patch.y + down }, side));
    }
    const far = REACH.shift * side;
    return this.tell('place', {
      ...moved,
      right: within(moved.right + right, -far, far),
      down: within(moved.down + down, -far, far),
    });
  }

  #let() {
    this.#held = null;
  }

  /** To where the picture was clicked. @param {MouseEvent} event */
  #jump(event) {
    const stage = /** @type {HTMLElement} */ (event.currentTarget);
    // A click ends every drag, too.
    if (/** @type {HTMLElement} */ (event.target).closest('.patch') || !this.picture) return;
    const { left, top, width } = stage.getBoundingClientRect();
    const pixel = width / this.picture.side;
    const { side } = this.patch;
    const [x, y] = [event.clientX - left, event.clientY - top].map((at) => at / pixel - side / 2);
    this.#place(inside({ x, y, side }, this.picture.side));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = event.shiftKey ? LEAP : 1;
    const [right, down] = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    }[event.key] ?? [0, 0];
    if ((!right && !down) || !this.picture) return;
    event.preventDefault();
    const { x, y, side } = this.patch;
    this.#place(inside({ x: x + right, y: y + down, side }, this.picture.side));
  }

  /** @param {Patch} patch */
  #place(patch) {
    const { x, y } = this.patch;
    if (patch.x !== x || patch.y !== y) this.tell('place', patch);
  }
}

customElements.define('change-stage', ChangeStage);

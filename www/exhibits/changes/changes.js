/**
 * Small changes that are not noise: the smallest patch of one colour, and the
 * smallest shift, turn and zoom, that change the classifier's answer; found by a
 * search, or made by hand with the answer following. Both are made by the core,
 * by the same code, so that what was found is answered alike by hand.
 */
import { html, nothing } from 'lit';
import { latestOnly } from '../../latest.js';
import { Exhibit } from '../../parts/exhibit.js';
import { pictureTerm } from '../../parts/picture-term.js';
import { EQUALS, PLUS } from '../../parts/signs.js';
import { Task } from '../../task.js';
import * as words from '../../words/changes.js';
import './changes.css';
import { changeTerm, changedTerm } from './figure.js';
import { telling } from './telling.js';
import {
  STILL,
  asColour,
  inside,
  readColour,
  readMove,
  readPatch,
  writeMove,
  writePatch,
} from './values.js';

/**
 * @import { Answer, Changed, MoveProgress, Moved, PatchProgress } from '../../engine/types.js'
 * @import { Settings } from '../../state.js'
 * @import { How } from '../../words/changes.js'
 * @import { Patch } from './values.js'
 *
 * @typedef {'patch' | 'move'} Kind
 * @typedef {{ kind: Kind, patch: Patch, colour: string, moved: Moved }} Change
 * @typedef {Changed & { change: Change }} Seen
 *
 * @typedef {object} Found
 * @property {Answer | null} clean
 * @property {Seen | null} seen
 * @property {ChangesExhibit['may']} may
 * @property {How} how
 * @property {string} address
 *
 * @typedef {Change & Found} Held
 */

/** Places that a patch is tried at, along a side. */
const PLACES = 14;

/** What the address says of changes where it says nothing. */
const NOTHING = ';;';

/** An address is written when somebody pauses, not at every step of a drag. */
const PAUSE = 250;

export class ChangesExhibit extends Exhibit {
  static properties = {
    ...Exhibit.properties,
    clean: { state: true },
    patch: { state: true },
    colour: { state: true },
    moved: { state: true },
    seen: { state: true },
    searching: { state: true },
    doing: { state: true },
    tried: { state: true },
    how: { state: true },
    may: { state: true },
  };

  #task = new Task(() => (this.searching = this.#task.running));
  #ask = latestOnly((/** @type {Change} */ change) => this.#answer(change));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #writing = undefined;
  /** What was written last: it is not to be read back. */
  #written = '';

  constructor() {
    super();
    /** @type {Answer | null} */
    this.clean = null;
    /** @type {Patch} */
    this.patch = { x: 0, y: 0, side: 1 };
    this.colour = '';
    this.moved = STILL;
    /** The changed picture and its answer. @type {Seen | null} */
    this.seen = null;
    this.searching = false;
    /** @type {PatchProgress | MoveProgress | null} */
    this.doing = null;
    /** Steps of the search. */
    this.tried = 0;
    /** How the change came to be that is shown. @type {How} */
    this.how = 'hand';
    /** What a search for a move may do. */
    this.may = { translation: true, rotation: true, scaling: true };
  }

  /** @returns {Kind} */
  get kind() {
    return this.settings.change;
  }

  get width() {
    return this.engine?.network.side ?? 1;
  }

  get channels() {
    return this.engine?.network.channels ?? 3;
  }

  get stride() {
    return Math.max(1, Math.round(this.width / PLACES));
  }

  /** @param {Held} [had] */
  met(had) {
    this.#task.stop();
    this.clean = had?.clean ?? null;
    this.seen = null;
    this.how = 'hand';
    this.#read();
    // Unless the address asks for another change now.
    if (had && [had.address, NOTHING].includes(this.#address)) {
      const { patch, colour, moved, may } = had;
      Object.assign(this, { patch, colour, moved, may, seen: had.seen });
      if (had.kind === this.kind) this.how = had.how;
      this.#writeSoon();
    }
    const change = this.#change();
    const seen = /** @type {Seen | null} */ (this.seen);
    if (!seen || !same(seen.change, change)) this.#ask(change);
  }

  /** @returns {Held} */
  held() {
    const { clean, seen, kind, patch, colour, moved, may, how } = this;
    return { clean, seen, kind, patch, colour, moved, may, how, address: this.#address };
  }

  get #address() {
    const { patch, colour, move } = this.settings;
    return [patch, colour, move].join(';');
  }

  stop() {
    const stopped = this.#task.stop();
    const best = this.doing?.best;
    if (stopped && best) this.#take(best, 'stopped');
    else if (stopped) this.#ask(this.#change());
    return stopped;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#writing);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    // Pixels of one network mean nothing to another.
    if (changed.get('network')) this.tell('settings', { patch: '', move: '' });
    const before = /** @type {Settings | undefined} */ (changed.get('settings'));
    if (!before?.change || !this.picture) return;
    const { change } = this.settings;
    if (change !== before.change) {
      this.#task.stop();
      this.how = 'hand';
      this.#ask(this.#change());
    } else if (this.#written !== this.#address && !this.searching) {
      this.#read();
      this.#ask(this.#change());
    }
  }

  exhibit() {
    // Without a network there is nothing to change.
    if (!this.engine && this.trouble) return nothing;
    const { picture, clean } = this;
    return html`<div class="change-kinds" role="group" aria-label=${words.WHICH}>
        ${
          /** @type {Kind[]} */ (['patch', 'move']).map(
            (kind) =>
              html`<button
                type="button"
                data-kind=${kind}
                aria-pressed=${kind === this.kind}
                @click=${() => this.tell('settings', { change: kind })}
              >
                ${words.KINDS[kind]}
              </button>`,
          )
        }
      </div>
      <figure class="equation changes" aria-label=${words.FIGURE}>
        ${pictureTerm({ picture, clean, title: words.PICTURE, bars: words.CLEAN_BARS })} ${PLUS}
        ${changeTerm(this)} ${EQUALS} ${changedTerm(this)}
      </figure>
      ${telling(this)}`;
  }

  updated() {
    const current = this.seen && same(this.seen.change, this.#change());
    this.dataset.state = this.searching ? 'searching' : current ? 'answered' : 'waiting';
    this.dataset.how = this.how;
    this.dataset.fooled = String(this.isFooled);
  }

  get isFooled() {
    const { seen, clean } = this;
    return Boolean(seen && clean && seen.answer.top[0].label !== clean.top[0].label);
  }

  // ---- by hand

  /** @param {Patch | Moved} value */
  place(value) {
    this.#task.stop();
    this.#take(value, 'hand');
  }

  /** About its middle. @param {number} side */
  resize(side) {
    const { x, y, side: before } = this.patch;
    const shift = (before - side) / 2;
    this.place(inside({ x: x + shift, y: y + shift, side }, this.width));
  }

  /** @param {string} colour */
  paint(colour) {
    this.colour = colour;
    this.place(this.patch);
  }

  /** @param {keyof ChangesExhibit['may']} name @param {boolean} allowed */
  allow(name, allowed) {
    this.may = { ...this.may, [name]: allowed };
  }

  /** @param {Patch | Moved} value @param {How} how */
  #take(value, how) {
    if ('side' in value) this.patch = value;
    else this.moved = value;
    this.how = how;
    this.#writeSoon();
    return this.#ask(this.#change());
  }

  #writeSoon() {
    clearTimeout(this.#writing);
    this.#writing = setTimeout(() => this.#write(), PAUSE);
  }

  /** @returns {Change} */
  #change() {
    const { kind, patch, colour, moved } = this;
    return { kind, patch, colour, moved };
  }

  /** From the address. */
  #read() {
    const { patch, colour, move } = this.settings;
    this.#written = this.#address;
    this.patch = readPatch(patch, this.width);
    this.colour = readColour(colour, this.channels);
    this.moved = readMove(move, this.width);
  }

  #write() {
    const patch = writePatch(this.patch);
    const colour = this.colour === readColour('', this.channels) ? '' : this.colour;
    const move = writeMove(this.moved);
    const change = {
      patch: patch === writePatch(readPatch('', this.width)) ? '' : patch,
      colour,
      move: move === writeMove(STILL) ? '' : move,
    };
    this.#written = [change.patch, change.colour, change.move].join(';');
    this.tell('settings', change);
  }

  /** @param {Change} change */
  async #answer(change) {
    const { engine, picture } = this;
    if (!engine || !picture || this.searching) return;
    const { pixels } = picture;
    try {
      this.clean ??= (await engine.classify(pixels)).clean;
      const { kind, patch, colour, moved } = change;
      const seen =
        kind === 'patch'
          ? await engine.applyPatch(pixels, { ...patch, colour: asColour(colour, this.channels) })
          : await engine.applyMove(pixels, moved);
      if (this.picture !== picture) return;
      this.seen = { ...seen, change };
      this.tell('notice', { about: 'changes', text: '' });
    } catch (error) {
      if (this.picture === picture) this.#explain(error, () => this.#ask(this.#change()));
    }
  }

  // ---- by a search

  async find() {
    const { engine, picture, kind, colour } = this;
    if (!engine || !picture) return;
    this.doing = null;
    this.tried = 0;
    const onProgress = (/** @type {PatchProgress | MoveProgress} */ progress) => {
      this.doing = progress;
      this.tried += 1;
    };
    try {
      const found = await this.#task.run(async (signal) => {
        const { pixels } = picture;
        if (kind === 'move') {
          const { moved } = await engine.smallestMove(pixels, { ...this.may, onProgress, signal });
          return { best: moved };
        }
        const { patch } = await engine.smallestPatch(pixels, {
          colour: asColour(colour, this.channels),
          stride: this.stride,
          onProgress,
          signal,
        });
        return { best: patch };
      });
      if (!found) return; // Stopped, or another was begun.
      if (found.best) await this.#take(found.best, 'smallest');
      else await this.#take(kind === 'patch' ? this.patch : STILL, 'none');
    } catch (error) {
      this.#explain(error, () => this.find());
    }
  }

  /** @param {unknown} error @param {() => void} again */
  #explain(error, again) {
    const { message } = /** @type {Error} */ (error);
    this.tell('notice', { about: 'changes', text: message, again });
  }
}

/** @param {Change} a @param {Change} b */
const same = (a, b) =>
  a.kind === b.kind && a.patch === b.patch && a.colour === b.colour && a.moved === b.moved;

customElements.define('changes-exhibit', ChangesExhibit);

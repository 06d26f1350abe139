/**
 * A tour of a minute through the first exhibit, on the first visit. It stands
 * beside the page and does not block it; skipped or seen to its end, it comes
 * again only when it is asked for.
 */
import { html, nothing } from 'lit';
import { dialogInFront, onEscape } from '../escape.js';
import { Part } from '../parts/part.js';
import { TOUR, TOUR_WORDS } from '../words/lessons.js';
import { rememberTour } from './had-tour.js';
import './tour.css';

/** Marks what the tour points at. */
const MARK = 'data-toured';

export class PageTour extends Part {
  static properties = { step: { state: true } };

  #unescape = () => {};

  constructor() {
    super();
    /** Which is told; -1 for none. */
    this.step = -1;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#unescape = onEscape(() => {
      if (this.step < 0 || dialogInFront()) return false;
      this.end();
      return true;
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#unescape();
  }

  start() {
    rememberTour();
    this.step = 0;
  }

  end() {
    this.step = -1;
  }

  render() {
    const stop = TOUR[this.step];
    if (!stop) return nothing;
    const last = this.step === TOUR.length - 1;
    return html`<aside class="tour" aria-label=${TOUR_WORDS.title}>
      <p class="tour-step">${TOUR_WORDS.title} · ${TOUR_WORDS.step(this.step + 1, TOUR.length)}</p>
      <p aria-live="polite">${stop.text}</p>
      <div class="tour-buttons">
        <button type="button" class="primary" @click=${() => this.#next(stop.settings)}>
          ${stop.action ?? (last ? TOUR_WORDS.done : TOUR_WORDS.next)}
        </button>
        ${
          last
            ? nothing
            : html`<button type="button" class="link" @click=${() => this.end()}>
                ${TOUR_WORDS.skip}
              </button>`
        }
      </div>
    </aside>`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has('step')) return;
    document.querySelector(`[${MARK}]`)?.removeAttribute(MARK);
    const at = TOUR[this.step] && document.querySelector(TOUR[this.step].at);
    if (!at) return;
    at.setAttribute(MARK, '');
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    at.scrollIntoView({ block: 'nearest', behavior: still ? 'auto' : 'smooth' });
  }

  /** @param {object} [settings] what the step's button does to the page */
  #next(settings) {
    if (settings) this.tell('settings', settings);
    this.step = this.step + 1 < TOUR.length ? this.step + 1 : -1;
  }
}

customElements.define('page-tour', PageTour);

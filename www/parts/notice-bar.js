/**
 * One sentence over the top of the page, where it hides no control. It is read
 * aloud by screen readers. What went wrong stays until it is closed or something
 * else is said; news goes by itself.
 */
import { html, nothing } from 'lit';
import { asSentence } from '../engine/errors.js';
import { Part } from './part.js';
import './notice-bar.css';

/** @typedef {{ text: string, kind: 'trouble' | 'news' }} Notice */

const NEWS_MS = 6000;

export class NoticeBar extends Part {
  static properties = { notice: { state: true } };

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    super();
    /** @type {Notice | null} */
    this.notice = null;
  }

  /** @param {Notice} notice */
  show(notice) {
    clearTimeout(this.#timer);
    this.notice = { ...notice, text: asSentence(notice.text) };
    if (notice.kind === 'news') this.#timer = setTimeout(() => this.clear(), NEWS_MS);
  }

  clear() {
    clearTimeout(this.#timer);
    this.notice = null;
  }

  render() {
    return html`<div role="status" aria-live="polite" id="notice">
      ${
        this.notice
          ? html`<div class="notice" data-kind=${this.notice.kind}>
              <p>${this.notice.text}</p>
              <button type="button" @click=${this.clear}>Close</button>
            </div>`
          : nothing
      }
    </div>`;
  }
}

customElements.define('notice-bar', NoticeBar);

/**
 * What went wrong, and what is news: the one place where the page says it, over
 * everything, an open dialog too. It is read aloud by screen readers. Each notice
 * is about something; it goes when that is settled, is replaced when that goes
 * wrong once more, or is closed. News goes by itself.
 */
import { html, nothing } from 'lit';
import { asSentence } from '../engine/errors.js';
import { CLOSE, TRY_AGAIN } from '../words/common.js';
import { Part } from './part.js';
import './notice-bar.css';

/**
 * @typedef {object} Notice
 * @property {string} about what it is about: `picture`, `camera`, …
 * @property {string | string[]} text a sentence, or several in a list; none where all is well again
 * @property {'trouble' | 'news' | 'offer'} [kind]
 * @property {string} [link] an address to copy, as it is
 * @property {() => void} [again] does once more what failed
 * @property {string} [action] what the button for that says, if it is not another try
 */

const NEWS_MS = 6000;
/** Older ones give way. */
const MOST = 4;

export class NoticeBar extends Part {
  static properties = { notices: { state: true } };

  /** @type {WeakMap<Notice, ReturnType<typeof setTimeout>>} */
  #timers = new WeakMap();
  /** Where it stands while no dialog is open. @type {Element | null} */
  #home = null;

  constructor() {
    super();
    /** @type {Notice[]} */
    this.notices = [];
  }

  connectedCallback() {
    super.connectedCallback();
    this.#home ??= this.parentElement;
    // A dialog makes all that is outside of it deaf to clicks.
    document.addEventListener('close', this.#place, true);
    document.addEventListener('toggle', this.#place, true);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener('close', this.#place, true);
    document.removeEventListener('toggle', this.#place, true);
  }

  /** @param {Notice} notice */
  show(notice) {
    const others = this.notices.filter(({ about }) => about !== notice.about);
    if (notice.text.length) {
      this.notices = [...others, notice].slice(-MOST);
      if (notice.kind === 'news') {
        this.#timers.set(
          notice,
          setTimeout(() => this.#close(notice), NEWS_MS),
        );
      }
    } else if (others.length < this.notices.length) this.notices = others;
  }

  render() {
    return html`<div role="status" aria-live="polite" id="notice">
      ${this.notices.map((notice) => this.#notice(notice))}
    </div>`;
  }

  updated() {
    this.#place();
  }

  /** @param {Notice} notice */
  #notice(notice) {
    const [first, ...more] = [notice.text].flat().map(asSentence);
    return html`<div
      class="notice"
      data-kind=${notice.kind ?? 'trouble'}
      data-about=${notice.about}
    >
      <div>
        <p>${notice.link ? html`${notice.text} <code>${notice.link}</code>` : first}</p>
        ${
          more.length
            ? html`<ul>
                ${more.map((sentence) => html`<li>${sentence}</li>`)}
              </ul>`
            : nothing
        }
      </div>
      ${
        notice.again
          ? html`<button type="button" data-again @click=${() => this.#again(notice)}>
              ${notice.action ?? TRY_AGAIN}
            </button>`
          : nothing
      }
      <button type="button" @click=${() => this.#close(notice)}>${CLOSE}</button>
    </div>`;
  }

  /** @param {Notice} notice */
  #again(notice) {
    this.#close(notice);
    notice.again?.();
  }

  /** @param {Notice} notice */
  #close(notice) {
    clearTimeout(this.#timers.get(notice));
    this.notices = this.notices.filter((each) => each !== notice);
  }

  /** Over all else: in the browser's top layer, and inside the dialog that is open. */
  #place = () => {
    const dialog = [...document.querySelectorAll('dialog:modal')].at(-1);
    const home = dialog ?? this.#home;
    if (home && this.parentElement !== home) home.append(this);
    if (!('showPopover' in this) || !this.isConnected) return;
    this.setAttribute('popover', 'manual');
    const isShown = this.matches(':popover-open');
    if (this.notices.length && !isShown) this.showPopover();
    if (!this.notices.length && isShown) this.hidePopover();
  };
}

customElements.define('notice-bar', NoticeBar);

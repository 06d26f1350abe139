/** A button that opens a short list of further buttons. */
import { html, nothing } from 'lit';
import { Part } from './part.js';
import './menu-button.css';

/** @typedef {{ id: string, label: string, note?: string, disabled?: boolean }} MenuItem */

export class MenuButton extends Part {
  static properties = {
    label: {},
    items: { attribute: false },
    disabled: { type: Boolean },
    open: { state: true },
  };

  constructor() {
    super();
    this.label = '';
    /** @type {MenuItem[]} */
    this.items = [];
    this.disabled = false;
    this.open = false;
    this.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.open) return;
      event.preventDefault();
      this.#close(true);
    });
    this.addEventListener('focusout', (event) => {
      if (!this.contains(/** @type {Node | null} */ (event.relatedTarget))) this.#close(false);
    });
  }

  render() {
    return html`<button
        type="button"
        aria-expanded=${this.open}
        ?disabled=${this.disabled}
        @click=${() => (this.open = !this.open)}
      >
        ${this.label}
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="m4 6 4 4 4-4" /></svg>
      </button>
      <div class="menu" ?hidden=${!this.open}>
        ${this.items.map(
          ({ id, label, note, disabled }) =>
            html`<button type="button" ?disabled=${disabled} @click=${() => this.#pick(id)}>
              <span>${label}${note ? html`<small>${note}</small>` : nothing}</span>
            </button>`,
        )}
      </div>`;
  }

  /** @param {string} id */
  #pick(id) {
    this.#close(true);
    this.tell('pick', id);
  }

  /** @param {boolean} refocus */
  #close(refocus) {
    this.open = false;
    if (refocus) this.querySelector('button')?.focus();
  }
}

customElements.define('menu-button', MenuButton);

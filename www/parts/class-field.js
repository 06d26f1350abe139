/**
 * A class, chosen by its name: a field with a list that is searched while it is
 * written in. Empty means any class. Event: `class` (its label, or -1).
 */
import { html, nothing } from 'lit';
import { search } from '../classes.js';
import { noSuchClass, severalClasses } from '../words/common.js';
import './class-field.css';
import { Part } from './part.js';

/** @import { Engine } from '../engine/engine.js' */

export class ClassField extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    field: {},
    caption: {},
    any: {},
    note: {},
    label: { type: Number },
    names: { state: true },
    wrong: { state: true },
  };

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network whose classes these are. */
    this.network = '';
    /** The id of its field in the page. */
    this.field = 'class';
    this.caption = '';
    /** What an empty field means. */
    this.any = '';
    /** What it is for, in a sentence. */
    this.note = '';
    /** Of the class that is chosen; -1 for any. */
    this.label = -1;
    /** By label. @type {string[]} */
    this.names = [];
    /** Why what was written is no class. */
    this.wrong = '';
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('engine') || changed.has('network')) this.#read();
    if (changed.has('label') || changed.has('network')) this.wrong = '';
  }

  render() {
    const { field, wrong, note, names } = this;
    return html`<label class="class-field" for=${field}>
        <span>${this.caption}</span>
        <input
          id=${field}
          type="search"
          list="${field}-names"
          autocomplete="off"
          spellcheck="false"
          placeholder=${this.any}
          aria-invalid=${wrong !== ''}
          aria-describedby="${field}-note"
          @input=${this.#typed}
          @change=${this.#written}
        />
      </label>
      <datalist id="${field}-names">
        ${names.map((name) => html`<option value=${name}></option>`)}
      </datalist>
      <p class="class-note" id="${field}-note" role=${wrong ? 'alert' : nothing}>
        ${wrong || note}
      </p>`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    const input = this.querySelector('input');
    if (!input || this.wrong) return;
    const known = changed.has('label') || changed.has('names');
    if (known) input.value = this.names[this.label] ?? '';
  }

  async #read() {
    const { engine, network } = this;
    if (!engine || !network) return;
    try {
      const names = await engine.classNames();
      if (network === this.network && engine === this.engine) this.names = names;
    } catch {
      // The worker has gone: the next engine is asked anew.
    }
  }

  /** A name that is whole was picked from the list; an empty field is any class. @param {Event} event */
  #typed(event) {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    this.wrong = '';
    if (value === '') this.#choose(-1);
    else if (this.names.includes(value) && !(event instanceof InputEvent && isTyping(event)))
      this.#choose(this.names.indexOf(value));
  }

  /** @param {Event} event */
  #written(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const text = input.value.trim();
    if (!text) return this.#choose(-1);
    const found = search(this.names, text);
    if (found.length !== 1) {
      this.wrong = found.length ? severalClasses(text, found.length) : noSuchClass(text);
      return undefined;
    }
    input.value = this.names[found[0]];
    return this.#choose(found[0]);
  }

  /** @param {number} label */
  #choose(label) {
    this.wrong = '';
    if (label === this.label) return;
    this.label = label;
    this.tell('class', label);
  }
}

/** The first letters of one name may be another one. @param {InputEvent} event */
const isTyping = ({ inputType }) => inputType === 'insertText' || inputType.startsWith('delete');

customElements.define('class-field', ClassField);

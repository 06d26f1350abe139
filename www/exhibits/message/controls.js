/** Which words, how large, how many, and where. */
import { html } from 'lit';
import * as words from '../../words/message.js';
import { MOST_LETTERS, tidy } from './stamps.js';

/** @import { MessageExhibit } from './message.js' */

const COUNTS = [4, 8, 16, 32, 64, 128, 256];

/** @param {MessageExhibit} exhibit */
export function wordControls(exhibit) {
  const { most, size } = exhibit;
  const change = (/** @type {object} */ settings) => exhibit.tell('settings', settings);
  const counts = [...new Set([...COUNTS, most])].sort((a, b) => a - b);
  return html`<form
    class="controls word-controls"
    @submit=${(/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const text = typed(/** @type {HTMLFormElement} */ (event.target));
      change({ words: text === exhibit.usual.text ? '' : text });
    }}
  >
    <label class="words-typed">
      <span class="visually-hidden">${words.WORDS}</span>
      <input
        id="typed"
        name="typed"
        type="text"
        dir="auto"
        maxlength=${MOST_LETTERS}
        autocomplete="off"
        spellcheck="false"
        placeholder=${exhibit.usual.text}
        .value=${exhibit.text}
      />
      <button type="submit" class="primary">${words.HIDE}</button>
    </label>
    <label class="word-size">
      <span>${words.SIZE}</span>
      <input
        id="wordsize"
        type="range"
        min="8"
        max="60"
        step="1"
        aria-valuetext=${words.sizeInWords(size)}
        .value=${String(size)}
        @change=${(/** @type {Event} */ event) => change({ wordsize: number(event) })}
      />
      <output>${words.sizeText(size)}</output>
    </label>
    <div class="word-row">
      <label>
        <span>${words.MOST}</span>
        <select
          id="wordcount"
          @change=${(/** @type {Event} */ event) => change({ wordcount: number(event) })}
        >
          ${counts.map(
            (each) =>
              html`<option value=${each} .selected=${each === most}>
                ${words.mostText(each)}
              </option>`,
          )}
        </select>
      </label>
      <button
        type="button"
        id="scatter"
        @click=${() => change({ scatter: (exhibit.settings.scatter + 1) % 10_000 })}
      >
        ${words.AGAIN}
      </button>
    </div>
  </form>`;
}

/** @param {HTMLFormElement} form */
const typed = (form) => tidy(String(new FormData(form).get('typed') ?? ''));

/** @param {Event} event */
const number = (event) =>
  Number(/** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value);

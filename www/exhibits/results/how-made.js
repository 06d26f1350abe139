/** The commands behind a table, to be copied; or when and where it was measured. */
import { html, nothing } from 'lit';
import * as words from '../../words/results.js';
import { madeOf } from './made-of.js';

/**
 * @param {object} shown
 * @param {any} shown.file
 * @param {string} shown.copied
 * @param {(command: string) => void} shown.copy
 */
export function howMade({ file, copied, copy }) {
  if (file.date) {
    return html`<p class="results-about">
      ${words.benchText(file.date, file.machine, file.browser)}
      <a href="bench.html">bench.html</a>
    </p>`;
  }
  const made = madeOf(file);
  if (!made.length) return nothing;
  return html`<details class="results-made">
    <summary>${words.commandsText(made.length)}</summary>
    ${file.made ? html`<p>${words.versionsText(file.made)}</p>` : nothing}
    <p>${words.pathsNote}</p>
    <ul>
      ${made.map(
        (each) =>
          html`<li>
            <p>${words.madeText(each)}</p>
            <div>
              <code tabindex="0">${each.command}</code>
              <button type="button" @click=${() => copy(each.command)}>
                ${copied === each.command ? words.copied : words.copy}
              </button>
            </div>
          </li>`,
      )}
    </ul>
  </details>`;
}

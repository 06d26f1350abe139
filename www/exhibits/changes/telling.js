/** What is said of the change, and how far the search is. */
import { html, nothing } from 'lit';
import '../../parts/progress-line.js';
import { spoken } from '../../parts/spoken.js';
import * as words from '../../words/changes.js';

/**
 * @import { MoveProgress, PatchProgress } from '../../engine/types.js'
 * @import { ChangesExhibit } from './changes.js'
 */

/** @param {ChangesExhibit} exhibit */
export function telling(exhibit) {
  const { searching, doing, kind } = exhibit;
  const most = Math.ceil(Math.log2(exhibit.width)) + 1;
  return html`<div class="changes-telling">
    <div class="said">
      ${
        searching
          ? html`<progress-line
              .text=${
                kind === 'patch'
                  ? words.patchProgress(/** @type {PatchProgress | null} */ (doing))
                  : words.moveProgress(/** @type {MoveProgress | null} */ (doing))
              }
              .value=${exhibit.tried}
              .max=${kind === 'patch' ? most : 0}
            ></progress-line>`
          : nothing
      }
      <p class="sentence" id="sentence" aria-live="polite" ?hidden=${searching}>
        ${searching ? nothing : sentence(exhibit)}
      </p>
    </div>
    <div class="changes-buttons">
      ${
        searching
          ? html`<button type="button" id="cancel" @click=${() => exhibit.stop()}>
              ${words.STOP}
            </button>`
          : nothing
      }
      <button type="button" @click=${() => exhibit.tell('share')}>${words.SHARE}</button>
    </div>
  </div>`;
}

/** @param {ChangesExhibit} exhibit */
function sentence(exhibit) {
  const { seen, clean, how } = exhibit;
  if (!seen || !clean) return nothing;
  const network = exhibit.engine?.network.title ?? '';
  const { kind, patch, moved } = seen.change;
  const about = { network, clean, changed: seen, how };
  return spoken(
    kind === 'patch'
      ? words.patchSentence({ ...about, patch, width: exhibit.width, stride: exhibit.stride })
      : words.moveSentence({ ...about, moved }),
  );
}

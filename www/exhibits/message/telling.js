/** What is said of the words, how far they are, and what can be done. */
import { html, nothing } from 'lit';
import { spoken } from '../../parts/spoken.js';
import * as words from '../../words/message.js';

/** @import { MessageExhibit } from './message.js' */

const MOST_WORDS = 256;
const LARGEST = 60;

/** @param {MessageExhibit} exhibit */
export function telling(exhibit) {
  const { shown, working, picture } = exhibit;
  return html`<div class="message-telling">
    <div class="said">
      ${
        working
          ? html`<progress-line
              .text=${words.progressText(exhibit.doing, exhibit.most)}
              .value=${exhibit.doing?.words ?? 0}
              .max=${exhibit.most}
            ></progress-line>`
          : nothing
      }
      <p class="sentence" id="sentence" aria-live="polite" ?hidden=${working}>
        ${working ? nothing : sentence(exhibit)}
      </p>
    </div>
    <div class="message-buttons">
      ${
        working
          ? html`<button type="button" id="cancel" @click=${() => exhibit.stop()}>
              ${words.STOP}
            </button>`
          : picture && !shown
            ? html`<button type="button" @click=${() => exhibit.hide()}>${words.GO_ON}</button>`
            : shown && !exhibit.isFooled
              ? remedies(exhibit)
              : nothing
      }
      <button type="button" id="save" ?disabled=${!shown} @click=${() => exhibit.save()}>
        ${words.SAVE}
      </button>
      <button type="button" @click=${() => exhibit.tell('share')}>${words.SHARE}</button>
    </div>
  </div>`;
}

/** Where all words were not enough. @param {MessageExhibit} exhibit */
function remedies(exhibit) {
  const { most, size, shown } = exhibit;
  const remedy = (/** @type {string} */ title, /** @type {object} */ change) =>
    html`<button type="button" class="primary" @click=${() => exhibit.tell('settings', change)}>
      ${title}
    </button>`;
  // So many words that each is too faint to be saved: fewer are stronger.
  if (shown?.found.survivesClipping) {
    return most > 1 ? remedy(words.FEWER, { wordcount: Math.ceil(shown.used / 4) }) : nothing;
  }
  return [
    most < MOST_WORDS ? remedy(words.MORE, { wordcount: Math.min(MOST_WORDS, 2 * most) }) : nothing,
    size < LARGEST
      ? remedy(words.LARGER, { wordsize: Math.min(LARGEST, Math.round(1.5 * size)) })
      : nothing,
  ];
}

/** @param {MessageExhibit} exhibit */
function sentence(exhibit) {
  const { shown, picture } = exhibit;
  if (!shown) return picture ? words.STOPPED : nothing;
  const network = exhibit.engine?.network.title ?? '';
  const { text, found, used, clean, answer } = shown;
  return spoken(words.messageSentence({ network, text, found, used, clean, sum: answer }));
}

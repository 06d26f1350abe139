/** The words, amplified, and the picture with them. */
import { html, nothing } from 'lit';
import '../../parts/class-bars.js';
import '../../parts/compare-view.js';
import '../../parts/noise-view.js';
import * as words from '../../words/message.js';
import { wordControls } from './controls.js';

/**
 * @import { Drawing } from '../../engine/types.js'
 * @import { MessageExhibit } from './message.js'
 */

/**
 * How many times as strong revealed words are: as they are drawn, and where they
 * are drawn weaker, twice.
 * @param {Drawing} drawing
 */
export const revealing = ({ factor }) => Math.max(2, factor);

/** @param {MessageExhibit} exhibit */
export function wordsTerm(exhibit) {
  const { shown } = exhibit;
  return html`<section class="term" id="words" aria-busy=${exhibit.working}>
    <div class="square" ?data-coming=${exhibit.working}>
      <noise-view
        .drawing=${shown?.drawing ?? null}
        .empty=${words.NONE_YET}
        .label=${words.MIDDLE}
      ></noise-view>
    </div>
    <div class="under">
      <h2 class="caption">${words.MIDDLE}</h2>
      <dl class="figures">
        ${figure('used', words.USED, shown && String(shown.used))}
        ${figure('l2', words.LENGTH, shown && words.levels(shown.found.norms.l2))}
        ${figure('linf', words.LARGEST, shown && words.ofLevels(shown.found.norms.linf))}
      </dl>
    </div>
    ${wordControls(exhibit)}
  </section>`;
}

/** @param {string} name @param {string} title @param {string | null} value */
function figure(name, title, value) {
  return html`<div data-figure=${name}>
    <dt>${title}</dt>
    <dd>${value ?? '–'}</dd>
  </div>`;
}

/** @param {MessageExhibit} exhibit */
export function sumTerm(exhibit) {
  const { shown, picture, revealing: strong } = exhibit;
  const fooled = exhibit.isFooled;
  return html`<section class="term" id="sum">
    <div class="square">
      ${
        shown && picture
          ? html`<compare-view
                .first=${picture.pixels}
                .second=${strong ? shown.revealed : shown.sum}
                .tags=${[words.BEFORE, words.AFTER]}
                label="${picture.title}, ${words.AFTER}"
              ></compare-view>
              ${
                strong
                  ? html`<span class="noise-factor"
                      >${words.revealed(revealing(shown.drawing))}</span
                    >`
                  : nothing
              }`
          : nothing
      }
    </div>
    <div class="under">
      <h2 class="caption">
        ${words.SUM}
        ${
          shown
            ? html`<span class="verdict" data-fooled=${fooled}
                >${fooled ? words.FOOLED : words.NOT_FOOLED}</span
              >`
            : nothing
        }
      </h2>
      <class-bars
        .answer=${shown?.answer ?? null}
        .clean=${shown?.clean.top[0].label ?? -1}
        .label=${words.SUM_BARS}
      ></class-bars>
    </div>
    <div class="controls">
      <button
        type="button"
        id="reveal"
        aria-pressed=${strong}
        ?disabled=${!shown}
        @click=${() => (exhibit.revealing = !strong)}
      >
        ${words.REVEAL}
      </button>
    </div>
  </section>`;
}

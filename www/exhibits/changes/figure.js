/** The change, to be made by hand, and the changed picture. */
import { html, nothing } from 'lit';
import '../../parts/class-bars.js';
import '../../parts/compare-view.js';
import * as words from '../../words/changes.js';
import { controls } from './controls.js';
import './stage.js';

/**
 * @import { Changed, Picture } from '../../engine/types.js'
 * @import { ChangesExhibit } from './changes.js'
 */

/** @param {ChangesExhibit} exhibit */
export function changeTerm(exhibit) {
  const { picture, kind, doing, searching } = exhibit;
  const best = searching ? doing?.best : null;
  return html`<section class="term" id="change" aria-busy=${searching}>
    <div class="square" ?data-coming=${searching}>
      <change-stage
        .picture=${picture?.pixels ?? null}
        .kind=${kind}
        .patch=${best && 'side' in best ? best : exhibit.patch}
        .colour=${exhibit.colour}
        .moved=${best && 'scale' in best ? best : exhibit.moved}
        @place=${(/** @type {CustomEvent} */ event) => exhibit.place(event.detail)}
      ></change-stage>
    </div>
    <div class="under">
      <h2 class="caption">${words.MIDDLE[kind]}</h2>
      <p class="fine-print ${kind === 'patch' ? 'keys' : ''}">
        ${kind === 'patch' ? words.KEYS : words.EDGE}
      </p>
    </div>
    ${controls(exhibit)}
  </section>`;
}

/** @param {ChangesExhibit} exhibit */
export function changedTerm(exhibit) {
  const { seen, picture, kind, clean } = exhibit;
  const fooled = exhibit.isFooled;
  return html`<section class="term" id="sum">
    <div class="square">
      ${
        seen && picture
          ? html`<compare-view
              .first=${picture.pixels}
              .second=${seenPicture(picture.pixels, seen)}
              .tags=${[words.BEFORE[kind], words.AFTER[kind]]}
              label="${picture.title}, ${words.AFTER[kind]}"
            ></compare-view>`
          : nothing
      }
    </div>
    <div class="under">
      <h2 class="caption">
        ${words.CHANGED[kind]}
        ${
          seen && clean
            ? html`<span
                class="verdict"
                data-fooled=${fooled}
                data-saved=${seen.saved.top[0].label !== clean.top[0].label}
                >${fooled ? words.FOOLED : words.NOT_FOOLED}</span
              >`
            : nothing
        }
      </h2>
      <class-bars
        .answer=${seen?.answer ?? null}
        .clean=${clean?.top[0].label ?? -1}
        .moving=${true}
        .label=${words.CHANGED_BARS}
      ></class-bars>
    </div>
  </section>`;
}

/** @type {WeakMap<object, Picture>} */
const pictures = new WeakMap();

/** One for each answer, so that it is drawn once. @param {Picture} picture @param {Changed} seen */
function seenPicture(picture, seen) {
  let made = pictures.get(seen);
  if (!made) pictures.set(seen, (made = { ...picture, rgba: new Uint8ClampedArray(seen.rgba) }));
  return made;
}

/** A patch's size and colour; how far a picture is moved; and the search for the smallest of either. */
import { html, nothing } from 'lit';
import * as words from '../../words/changes.js';
import { REACH, STILL } from './values.js';

/**
 * @import { ChangesExhibit } from './changes.js'
 * @import { Moved } from '../../engine/types.js'
 */

/** @param {ChangesExhibit} exhibit */
export const controls = (exhibit) =>
  html`<div class="controls">
    ${exhibit.kind === 'patch' ? patchControls(exhibit) : moveControls(exhibit)}
    <div class="find-row">
      <button
        type="button"
        id="find"
        class="primary"
        ?disabled=${!exhibit.clean || exhibit.searching || !Object.values(exhibit.may).some(Boolean)}
        @click=${() => exhibit.find()}
      >
        ${words.FIND[exhibit.kind]}
      </button>
      ${
        exhibit.kind === 'move'
          ? html`<button type="button" id="reset" @click=${() => exhibit.place(STILL)}>
              ${words.RESET}
            </button>`
          : nothing
      }
    </div>
  </div>`;

/** @param {ChangesExhibit} exhibit */
function patchControls(exhibit) {
  const { patch, colour, width, channels } = exhibit;
  return html`${slider({
      id: 'side',
      title: words.SIDE,
      value: patch.side,
      min: 1,
      max: width,
      step: '1',
      text: words.sideText(patch.side, width),
      spoken: words.sideInWords(patch.side, width),
      set: (side) => exhibit.resize(side),
    })}
    <fieldset class="colours">
      <legend class="visually-hidden">${words.COLOUR}</legend>
      <span aria-hidden="true">${words.COLOUR}</span>
      ${Object.entries(words.COLOURS).map(
        ([hex, title]) =>
          html`<button
            type="button"
            class="swatch"
            .style="background: #${hex}"
            aria-label=${title}
            aria-pressed=${hex === colour}
            title=${title}
            @click=${() => exhibit.paint(hex)}
          ></button>`,
      )}
      ${
        channels === 3
          ? html`<input
              id="colour"
              type="color"
              aria-label=${words.OTHER_COLOUR}
              title=${words.OTHER_COLOUR}
              .value="#${colour}"
              @input=${(/** @type {Event} */ event) =>
                exhibit.paint(/** @type {HTMLInputElement} */ (event.target).value.slice(1))}
            />`
          : nothing
      }
    </fieldset>`;
}

/** @param {ChangesExhibit} exhibit */
function moveControls(exhibit) {
  const { moved, width, may } = exhibit;
  const set = (/** @type {keyof Moved} */ name) => (/** @type {number} */ value) =>
    exhibit.place({ ...moved, [name]: value });
  const shift = Math.floor(REACH.shift * width);
  const shifts = { min: -shift, max: shift, step: '0.1' };
  return html`${slider({
      id: 'right',
      title: words.RIGHT,
      value: moved.right,
      ...shifts,
      text: words.shiftText(moved.right),
      set: set('right'),
    })}
    ${slider({
      id: 'down',
      title: words.DOWN,
      value: moved.down,
      ...shifts,
      text: words.shiftText(moved.down),
      set: set('down'),
    })}
    ${slider({
      id: 'turn',
      title: words.TURN,
      value: moved.degrees,
      min: -REACH.degrees,
      max: REACH.degrees,
      step: '0.1',
      text: words.turnText(moved.degrees),
      set: set('degrees'),
    })}
    ${slider({
      id: 'zoom',
      title: words.ZOOM,
      value: 100 * moved.scale,
      min: 100 * REACH.least,
      max: 100 * REACH.most,
      step: '0.1',
      text: words.zoomText(moved.scale),
      set: (percent) => set('scale')(percent / 100),
    })}
    <fieldset class="may">
      <legend>${words.MAY}</legend>
      ${
        /** @type {(keyof typeof may)[]} */ (Object.keys(words.MAYS)).map(
          (name) =>
            html`<label>
              <input
                type="checkbox"
                .checked=${may[name]}
                @change=${(/** @type {Event} */ event) =>
                  exhibit.allow(name, /** @type {HTMLInputElement} */ (event.target).checked)}
              />
              ${words.MAYS[name]}
            </label>`,
        )
      }
    </fieldset>`;
}

/**
 * @param {object} slider
 * @param {string} slider.id
 * @param {string} slider.title
 * @param {number} slider.value
 * @param {number} slider.min
 * @param {number} slider.max
 * @param {string} slider.step
 * @param {string} slider.text
 * @param {string} [slider.spoken]
 * @param {(value: number) => void} slider.set
 */
const slider = ({ id, title, value, min, max, step, text, spoken = text, set }) =>
  html`<label class="change-slider">
    <span>${title}</span>
    <input
      id=${id}
      type="range"
      min=${min}
      max=${max}
      step=${step}
      aria-valuetext=${spoken}
      .value=${String(value)}
      @input=${(/** @type {Event} */ event) =>
        set(Number(/** @type {HTMLInputElement} */ (event.target).value))}
    />
    <output>${text}</output>
  </label>`;

/** Which plane, how far, and how finely. */
import { html } from 'lit';
import { labelOf, pointsText, randomName, reachText, universalName } from '../../words/geometry.js';

/**
 * @import { PerturbationInfo } from '../../engine/types.js'
 * @import { Settings } from '../../state.js'
 */

/** Odd, so that the picture itself is a point; the coarse ones are among the fine ones. */
const POINTS = [41, 81, 161];

/** Of the slider, in lengths of the smallest noise. */
const REACH = { from: 0.5, to: 50, usual: 2 };

const RANDOM = /^random-(\d{1,9})$/;

/**
 * The seed of a random direction, from 0; null where the setting names a noise.
 * @param {string} across
 */
export function seedOf(across) {
  if (!across) return 0;
  const found = RANDOM.exec(across);
  return found ? Math.max(0, Number(found[1]) - 1) : null;
}

/** @param {number} seed */
const settingOf = (seed) => (seed === 0 ? '' : `random-${seed + 1}`);

/**
 * @param {object} shown
 * @param {Settings} shown.settings
 * @param {number} shown.length of the smallest noise, in levels
 * @param {PerturbationInfo[]} shown.universals
 * @param {(change: Partial<Settings>) => void} shown.tell
 */
export function planeControls({ settings, length, universals, tell }) {
  const seed = seedOf(settings.across);
  const reach = settings.reach || REACH.usual * length;
  const position = (1000 * Math.log(reach / length / REACH.from)) / Math.log(REACH.to / REACH.from);
  const value = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement} */ (event.target).value;
  const read = (/** @type {Event} */ event) =>
    Number(
      (length * REACH.from * (REACH.to / REACH.from) ** (Number(value(event)) / 1000)).toPrecision(
        3,
      ),
    );
  return html`<div class="plane-controls">
    <label>
      <span>${labelOf.second}</span>
      <select id="across" @change=${(/** @type {Event} */ event) => tell({ across: value(event) })}>
        <option value=${settingOf(seed ?? 0)} ?selected=${seed !== null}>
          ${randomName(seed ?? 0)}
        </option>
        ${universals.map(
          ({ id, title }) =>
            html`<option value=${id} ?selected=${id === settings.across}>
              ${universalName(title)}
            </option>`,
        )}
      </select>
    </label>
    <button
      type="button"
      id="another"
      ?disabled=${seed === null}
      @click=${() => tell({ across: settingOf((seed ?? 0) + 1) })}
    >
      ${labelOf.seed}
    </button>
    <label>
      <span>${labelOf.points}</span>
      <select
        id="points"
        @change=${(/** @type {Event} */ event) => tell({ points: Number(value(event)) })}
      >
        ${[...new Set([...POINTS, settings.points])]
          .sort((a, b) => a - b)
          .map(
            (points) =>
              html`<option value=${points} ?selected=${points === settings.points}>
                ${pointsText(points)}
              </option>`,
          )}
      </select>
    </label>
    <label class="plane-reach">
      <span>${labelOf.reach}: <output>${reachText(reach)}</output></span>
      <input
        id="reach"
        type="range"
        min="0"
        max="1000"
        step="1"
        aria-valuetext=${reachText(reach)}
        .value=${String(Math.round(position))}
        @input=${(/** @type {InputEvent} */ event) => {
          const input = /** @type {HTMLElement} */ (event.target);
          const output = input.parentElement?.querySelector('output');
          // Seen while it is dragged; computed when it is let go.
          if (output) output.value = reachText(read(event));
        }}
        @change=${(/** @type {Event} */ event) => tell({ reach: read(event) })}
      />
    </label>
  </div>`;
}

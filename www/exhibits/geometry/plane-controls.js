/** Which plane, how far, and how finely. */
import { html } from 'lit';
import { labelOf, pointsText, reachText } from '../../words/geometry.js';
import { seedOf, settingOf } from './second.js';

/**
 * @import { Settings } from '../../state.js'
 * @import { Choice } from './second.js'
 */

/** Odd, so that the picture itself is a point; the coarse ones are among the fine ones. */
const POINTS = [41, 81, 161];

/** Where nobody chose: a large network would take minutes for more. @param {number} points the setting @param {number} side of the network's pictures */
export const pointsOf = (points, side) =>
  points >= FEWEST ? points : POINTS[side > LARGE ? 0 : 1];

const FEWEST = 11;
/** Pixels. */
const LARGE = 64;

/** Of the slider: in lengths of the smallest noise, and at its end in levels a value at the least. */
const REACH = { from: 0.5, usual: 2, to: 10, levels: 20 };

/**
 * How far the plane can reach, in levels.
 * @param {number} length of the smallest noise, in levels
 * @param {number} dimensions of a picture
 */
const reachable = (length, dimensions) => ({
  from: rounded(REACH.from * length),
  to: rounded(Math.max(REACH.to * length, REACH.levels * Math.sqrt(dimensions))),
});

/** As it stands in the address. @param {number} reach */
const rounded = (reach) => Number(reach.toPrecision(3));

/**
 * How far it reaches: as the address has it, within what can be seen.
 * @param {number} reach the setting, in levels; 0 where nobody chose
 * @param {number} length of the smallest noise, in levels
 * @param {number} dimensions of a picture
 */
export function reachOf(reach, length, dimensions) {
  const { from, to } = reachable(length, dimensions);
  return reach ? Math.min(to, Math.max(from, reach)) : REACH.usual * length;
}

/**
 * @param {object} shown
 * @param {Settings} shown.settings
 * @param {number} shown.points along a side
 * @param {number} shown.length of the smallest noise, in levels
 * @param {number} shown.dimensions of a picture
 * @param {number} shown.sliding a reach that is being chosen, in levels; 0 for none
 * @param {(reach: number) => void} shown.slide
 * @param {Choice[]} shown.directions the second one
 * @param {(change: Partial<Settings>) => void} shown.tell
 */
export function planeControls({
  settings,
  points: chosen,
  length,
  dimensions,
  sliding,
  slide,
  directions,
  tell,
}) {
  const seed = seedOf(settings.across);
  const reach = sliding || reachOf(settings.reach, length, dimensions);
  const { from, to } = reachable(length, dimensions);
  const position = (1000 * Math.log(reach / from)) / Math.log(to / from);
  const value = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement} */ (event.target).value;
  const read = (/** @type {Event} */ event) =>
    rounded(from * (to / from) ** (Number(value(event)) / 1000));
  return html`<div class="plane-controls">
    <label>
      <span>${labelOf.second}</span>
      <select id="across" @change=${(/** @type {Event} */ event) => tell({ across: value(event) })}>
        ${directions.map(
          ({ setting, name }) =>
            html`<option value=${setting} ?selected=${setting === settings.across}>
              ${name}
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
        ${[...new Set([...POINTS, chosen])]
          .sort((a, b) => a - b)
          .map(
            (points) =>
              html`<option value=${points} ?selected=${points === chosen}>
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
        @input=${(/** @type {Event} */ event) => slide(read(event))}
        @change=${(/** @type {Event} */ event) => {
          slide(0);
          tell({ reach: read(event) });
        }}
      />
    </label>
  </div>`;
}

/** How large a noise of the visitor's own may be: in which norm, and its radius. */
import { html } from 'lit';
import { radius as radiusField, radiusText, SIZE } from '../../words/live-workshop.js';

/** @import { NoiseWorkshop } from './workshop.js' */

export const NORMS = {
  linf: {
    ...SIZE.linf,
    min: 1,
    max: 20,
    step: 1,
    usual: 10,
  },
  l2: {
    ...SIZE.l2,
    min: 250,
    max: 4000,
    step: 250,
    usual: 2000,
  },
};

/** @param {NoiseWorkshop} workshop */
export const sizeFields = (workshop) =>
  html`<fieldset>
    <legend>${SIZE.legend}</legend>
    ${Object.entries(NORMS).map(
      ([norm, { title, usual }]) =>
        html`<label class="check">
          <input
            type="radio"
            name="norm"
            value=${norm}
            .checked=${workshop.norm === norm}
            @change=${() => {
              workshop.norm = /** @type {keyof typeof NORMS} */ (norm);
              workshop.radius = usual;
            }}
          />
          ${title}
        </label>`,
    )}
    ${slider(workshop)}
  </fieldset>`;

/** @param {NoiseWorkshop} workshop */
function slider(workshop) {
  const { norm, radius } = workshop;
  const { min, max, step, unit } = NORMS[norm];
  return html`<label class="strength">
    <span>${radiusField(html`<abbr title=${SIZE.xi}>ξ</abbr>`)}</span>
    <input
      id="radius"
      type="range"
      min=${min}
      max=${max}
      step=${step}
      .value=${String(radius)}
      aria-valuetext=${radiusText(radius, unit)}
      @input=${(/** @type {Event} */ event) =>
        (workshop.radius = Number(/** @type {HTMLInputElement} */ (event.target).value))}
    />
    <output>${radius}</output>
  </label>`;
}

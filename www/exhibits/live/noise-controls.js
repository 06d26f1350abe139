/** What can be done with the noise: add it, make it stronger, look for the smallest, make one; and stop what runs. */
import { html, nothing } from 'lit';
import '../../parts/class-field.js';
import '../../parts/progress-line.js';
import { deepfoolProgress, makingShare, makingText } from '../../words/common.js';
import { TARGET } from '../../words/live.js';
import { DO, sizeText, smallerProgress, strength, xi } from '../../words/live-figure.js';
import { levelsOf, STRONGEST } from './scene.js';

/**
 * @import { DeepfoolProgress, Perturbation } from '../../engine/types.js'
 * @import { Search } from './attack.js'
 * @import { LiveFigure } from './figure.js'
 * @import { Making } from './making.js'
 */

/** @param {LiveFigure} figure */
export function noiseControls(figure) {
  const { attack, making } = figure;
  if (attack?.smaller) return smallerControls(figure, attack.smaller);
  if (attack) return attackControls(figure, attack.progress);
  return making ? makingControls(figure, making) : controls(figure);
}

/** @param {LiveFigure} figure @param {Making} making */
const makingControls = (figure, { progress, begun }) =>
  html`<div class="controls">
    <progress-line
      id="making"
      .text=${makingText(progress, (performance.now() - begun) / 1000)}
      .value=${progress ? makingShare(progress) : 0}
      .max=${1}
    ></progress-line>
    <div class="noise-buttons" data-on>
      <button
        type="button"
        id="keep"
        class="primary"
        ?disabled=${!progress?.gradientEvaluations}
        @click=${() => figure.begin('finish')}
      >
        ${DO.keep}
      </button>
      <button type="button" id="cancel" @click=${() => figure.begin('cancel')}>${DO.cancel}</button>
    </div>
  </div>`;

/** @param {LiveFigure} figure @param {DeepfoolProgress | null} progress */
const attackControls = (figure, progress) =>
  html`<div class="controls">
    <progress-line
      .text=${deepfoolProgress(progress)}
      .value=${progress?.iteration ?? 0}
      .max=${progress?.maxIterations ?? 0}
    ></progress-line>
    <button type="button" id="cancel" @click=${() => figure.tell('stop')}>${DO.cancel}</button>
  </div>`;

/** The search shows what it has, and keeps it. @param {LiveFigure} figure @param {NonNullable<Search['smaller']>} smaller */
const smallerControls = (figure, { gradients, most }) =>
  html`<div class="controls">
    <progress-line
      id="smaller-progress"
      .text=${smallerProgress(gradients, most)}
      .value=${gradients}
      .max=${most}
    ></progress-line>
    <button type="button" id="cancel" @click=${() => figure.begin('stop')}>${DO.keep}</button>
  </div>`;

/** @param {LiveFigure} figure */
function controls(figure) {
  const { noise, universal } = figure;
  const waiting = !figure.scene?.clean || figure.switching !== '';
  const on = noise === 'universal' || noise === 'random';
  // No noise is shipped for a network that somebody brought: it has to be made.
  const unmade = Boolean(figure.engine?.network.own) && !universal;
  return html`<div class="controls">
    ${on && universal ? slider(figure, universal) : nothing}
    ${noise === 'deepfool' ? [smallerButton(figure), targetField(figure)] : nothing}
    <div class="noise-buttons" ?data-on=${noise !== 'none'}>
      ${
        unmade
          ? nothing
          : html`<button
              type="button"
              id="universal"
              class=${noise === 'none' ? 'primary' : ''}
              ?disabled=${waiting || !universal}
              @click=${() => figure.tell('noise', on ? 'none' : 'universal')}
            >
              ${on ? DO.remove : noise === 'none' ? DO.add : DO.universal}
            </button>`
      }
      <button
        type="button"
        id="deepfool"
        ?disabled=${waiting}
        @click=${() => figure.begin('noise', noise === 'deepfool' ? 'none' : 'deepfool')}
      >
        ${
          {
            none: DO.howSmall,
            universal: DO.deepfool,
            random: DO.deepfool,
            deepfool: DO.remove,
          }[noise]
        }
      </button>
      <button
        type="button"
        id="workshop"
        class=${unmade && noise === 'none' ? 'primary' : ''}
        ?disabled=${waiting}
        @click=${() => figure.begin('workshop')}
      >
        ${unmade ? DO.makeFirst : DO.make}
      </button>
    </div>
  </div>`;
}

/** Where there is a noise of DeepFool's to begin with. @param {LiveFigure} figure */
const smallerButton = (figure) =>
  (figure.scene?.found ?? figure.scene?.first)
    ? html`<button
        type="button"
        id="smaller"
        title=${DO.smallerNote}
        ?disabled=${figure.switching !== ''}
        @click=${() => figure.begin('smaller')}
      >
        ${figure.scene?.searched ? DO.smallerAgain : DO.smaller}
      </button>`
    : nothing;

/** @param {LiveFigure} figure */
const targetField = (figure) =>
  html`<class-field
    field="target"
    caption=${TARGET.deepfool}
    any=${TARGET.any}
    note=${TARGET.note(figure.engine?.network.classes ?? 0)}
    .engine=${figure.engine}
    .network=${figure.networkId}
    .label=${figure.target}
    @class=${() => figure.aimed()}
  ></class-field>`;

/** @param {LiveFigure} figure @param {Perturbation} universal */
function slider(figure, universal) {
  const { norm, radius } = universal;
  const scale = radius / levelsOf(universal);
  const value = Number((figure.levels * scale).toFixed(norm === 'linf' ? 1 : 0));
  return html`<label class="strength">
    <span>${strength(html`<abbr title=${xi(norm)}>ξ</abbr>`)}</span>
    <input
      id="strength"
      type="range"
      min="0"
      max=${STRONGEST}
      step="0.5"
      .value=${String(figure.levels)}
      aria-valuetext=${sizeText(value, norm)}
      @input=${(/** @type {Event} */ event) =>
        figure.tell('strength', Number(/** @type {HTMLInputElement} */ (event.target).value))}
    />
    <output>${value}</output>
  </label>`;
}

/** Picture + noise = sum: the noise is the one that grows. */
import { html, nothing } from 'lit';
import '../../parts/class-bars.js';
import '../../parts/compare-view.js';
import '../../parts/noise-view.js';
import '../../parts/pixel-view.js';
import { METHOD, WORDS, sizeText } from '../../words/universal.js';
import { METHODS } from './run.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Answer, Picture } from '../../engine/types.js'
 * @import { AtHandPicture } from '../../parts/exhibit.js'
 * @import { Method, Run } from './run.js'
 *
 * What the classifier says to the picture, and to its sum with what has grown.
 * @typedef {{ clean: Answer, perturbed: Answer | null, fooled: boolean, sum: Picture | null, norms: { l2: number, linf: number } | null }} Answered
 *
 * @typedef {object} Shown
 * @property {AtHandPicture | null} picture
 * @property {Answered | null} answered
 * @property {Run | undefined} run whose noise is added
 * @property {Method} method
 * @property {unknown} controls what can be done with the noise
 * @property {(method: Method) => void} choose
 */

/**
 * @param {Engine} engine
 * @param {Picture} picture
 * @param {Float32Array | null} v
 * @returns {Promise<Answered>}
 */
export async function answerTo(engine, picture, v) {
  const found = await engine.classify(picture, { perturbation: v });
  const { clean, perturbed, fooled, norms, perturbedRgba } = found;
  const rgba = perturbedRgba && new Uint8ClampedArray(perturbedRgba);
  const sum = rgba && {
    ...picture,
    rgba: /** @type {Uint8ClampedArray<ArrayBuffer>} */ (rgba),
  };
  return { clean, perturbed, fooled, norms, sum };
}

/** @param {Shown} shown */
export function figure({ picture, answered, run, method, controls, choose }) {
  const clean = answered?.clean.top[0].label ?? -1;
  const norm = run?.job.wish.norm ?? 'linf';
  return html`<figure class="equation universal-figure" aria-label=${WORDS.figure}>
    <section class="term">
      <div class="square">
        ${
          picture
            ? html`<pixel-view .picture=${picture.pixels} .label=${picture.title}></pixel-view>`
            : nothing
        }
      </div>
      <div class="under">
        <h2 class="caption">${picture?.title ?? WORDS.picture}</h2>
        <class-bars
          .answer=${answered?.clean ?? null}
          .clean=${clean}
          label=${WORDS.cleanBars}
        ></class-bars>
      </div>
    </section>
    <span class="sign" aria-hidden="true">${sign('M4 12h16M12 4v16')}</span>
    <section class="term" id="noise">
      <div class="square">
        <noise-view
          .drawing=${run?.drawing ?? null}
          .empty=${run?.working ? WORDS.growing : WORDS.noNoise}
          label=${METHOD[method].noise}
        ></noise-view>
      </div>
      <div class="under">
        <h2 class="visually-hidden">${METHOD[method].noise}</h2>
        ${chooser(method, choose)}
        <p class="universal-size">
          ${answered?.norms && run?.drawing ? sizeText(norm, answered.norms) : html`&nbsp;`}
        </p>
        ${controls}
      </div>
    </section>
    <span class="sign" aria-hidden="true">${sign('M4 9h16M4 15h16')}</span>
    <section class="term" id="sum">
      <div class="square">
        ${
          answered?.sum && picture
            ? html`<compare-view
                .first=${picture.pixels}
                .second=${answered.sum}
                label=${WORDS.sumOf(picture.title)}
              ></compare-view>`
            : nothing
        }
      </div>
      <div class="under">
        <h2 class="caption">
          ${WORDS.sum}
          ${
            answered?.perturbed
              ? html`<span class="verdict" data-fooled=${answered.fooled}
                  >${answered.fooled ? WORDS.fooled : WORDS.notFooled}</span
                >`
              : nothing
          }
        </h2>
        ${
          answered?.perturbed || run?.working
            ? html`<class-bars
                .answer=${answered?.perturbed ?? null}
                .clean=${clean}
                label=${WORDS.sumBars}
              ></class-bars>`
            : html`<p class="invitation">${WORDS.invitation}</p>`
        }
      </div>
    </section>
  </figure>`;
}

/** @param {Method} method @param {(method: Method) => void} choose */
const chooser = (method, choose) =>
  html`<div class="universal-methods" role="radiogroup" aria-label=${WORDS.whose}>
    ${METHODS.map(
      (each) =>
        html`<label>
          <input
            type="radio"
            name="method"
            value=${each}
            .checked=${each === method}
            @change=${() => choose(each)}
          />
          <span>${METHOD[each].title}</span>
        </label>`,
    )}
  </div>`;

/** @param {string} path */
const sign = (path) => html`<svg viewBox="0 0 24 24"><path d=${path} /></svg>`;

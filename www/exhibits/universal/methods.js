/** The two methods side by side: what each has, how far it is, and its own button. */
import { html, nothing } from 'lit';
import '../../parts/noise-view.js';
import '../../parts/progress-line.js';
import { count, makingShare } from '../../words/common.js';
import {
  METHOD,
  WORDS,
  countNames,
  rateText,
  runningNames,
  shareText,
  stateText,
} from '../../words/universal.js';
import { METHODS, shareOf } from './run.js';

/**
 * @import { Method, Run } from './run.js'
 *
 * @typedef {object} Side
 * @property {(method: Method) => Run | undefined} run
 * @property {(label: number) => string} name of a class
 * @property {boolean} able whether one can be started
 * @property {(method: Method) => void} start
 * @property {(method: Method) => void} stop
 */

/** @param {Side} side */
export const methods = (side) =>
  html`<div class="universal-cards">${METHODS.map((method) => card(method, side))}</div>`;

/** @param {Method} method @param {Side} side */
function card(method, side) {
  const run = side.run(method);
  const { title, how, noise } = METHOD[method];
  return html`<section
    class="universal-card"
    data-method=${method}
    data-state=${run?.state ?? 'idle'}
    aria-labelledby="card-${method}"
  >
    <div class="card-square">
      <noise-view .drawing=${run?.drawing ?? null} .empty=${''} label=${noise}></noise-view>
    </div>
    <div class="card-text">
      <h3 id="card-${method}">${title}</h3>
      <p class="fine">${how}</p>
      ${figures(run, side)}
      ${
        run?.working
          ? html`<progress-line
              .text=${stateText(run.state, run.progress)}
              .value=${run.state === 'working' && run.progress ? makingShare(run.progress) : run.state === 'counting' ? 1 : 0}
              .max=${1}
            ></progress-line>`
          : nothing
      }
      ${run?.trouble ? html`<p class="card-trouble" role="alert">${run.trouble}</p>` : nothing}
      <div class="card-buttons">
        ${
          run?.working
            ? html`<button type="button" data-stop=${method} @click=${() => side.stop(method)}>
                ${run.state === 'counting' ? WORDS.stopCounting : WORDS.stop}<span
                  class="visually-hidden"
                  >: ${title}</span
                >
              </button>`
            : html`<button
                type="button"
                data-start=${method}
                ?disabled=${!side.able}
                @click=${() => side.start(method)}
              >
                ${run ? WORDS.again : WORDS.start}<span class="visually-hidden">: ${title}</span>
              </button>`
        }
      </div>
    </div>
  </section>`;
}

/** @param {Run | undefined} run @param {Side} side */
function figures(run, side) {
  const target = run?.method === 'stochastic' ? run.job.wish.target : -1;
  const named = target < 0 ? '' : side.name(target);
  const { progress, counted, result } = run ?? {};
  const gradients = result?.gradientEvaluations ?? progress?.gradientEvaluations ?? 0;
  const names = counted ? countNames(named) : runningNames(named);
  const own = counted ? shareText(shareOf(counted.own, target)) : rateText(progress?.runningRate);
  const others = counted
    ? counted.others
      ? shareText(shareOf(counted.others, target))
      : '–'
    : rateText(progress?.otherRate);
  return html`<dl class="figures">
    <div>
      <dt>${names.own}</dt>
      <dd data-figure="own">${own}</dd>
    </div>
    <div>
      <dt>${names.others}</dt>
      <dd data-figure="others">${others}</dd>
    </div>
    <div>
      <dt>${WORDS.gradients}</dt>
      <dd data-figure="gradients">${count(gradients)}</dd>
    </div>
  </dl>`;
}

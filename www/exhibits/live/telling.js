/** What is said below the figure: the sentence, who answered, how many were fooled, what can be done with it. */
import { html, nothing } from 'lit';
import '../../parts/menu-button.js';
import '../../parts/progress-line.js';
import { spoken } from '../../parts/spoken.js';
import {
  besideText,
  cleanSentence,
  deepfoolSentence,
  framesText,
  loadingText,
  scoreText,
  SHARE,
  TRY_AGAIN,
  universalSentence,
} from '../../words/common.js';
import { smallerSentence, targetedSentence } from '../../words/live.js';
import * as words from '../../words/live-figure.js';
import { filesFor } from './save.js';

/**
 * @import { Device, DeviceWish } from '../../engine/types.js'
 * @import { Sentence } from '../../words/common.js'
 * @import { LiveFigure } from './figure.js'
 * @import { Scene } from './scene.js'
 */

/** @param {LiveFigure} figure */
export const telling = (figure) =>
  html`<div class="telling">
    <div class="said">${said(figure)}</div>
    <p class="provenance" id="device">${provenance(figure)}</p>
    ${actions(figure)}
  </div>`;

/** @param {LiveFigure} figure */
function said(figure) {
  const { scene, network, progress, switching } = figure;
  if (figure.trouble) {
    return html`<div class="trouble" role="alert">
      <p>${figure.trouble}</p>
      <button type="button" class="primary" @click=${() => figure.tell('retry')}>
        ${TRY_AGAIN}
      </button>
    </div>`;
  }
  if (switching || !scene?.clean) {
    const bytes = progress?.stage === 'download' ? progress : null;
    return html`<progress-line
      id="loading"
      .text=${loadingText(progress, switching || network)}
      .value=${bytes ? bytes.loaded : progress ? 1 : 0}
      .max=${bytes ? (bytes.total ?? 0) : 1}
    ></progress-line>`;
  }
  return html`<p
    class="sentence"
    id="sentence"
    aria-live=${figure.filming || figure.making || figure.attack ? 'off' : 'polite'}
  >
    ${spoken(sentenceFor(scene, network))}
  </p>`;
}

/** @param {LiveFigure} figure */
function provenance(figure) {
  const { device, scene, network } = figure;
  if (!device || !scene?.clean) return words.IN_THIS_BROWSER;
  const { on } = scene;
  const where = on?.kind === 'gpu' ? words.theGpu(on.name) : words.THE_CPU;
  const unchecked = figure.checked ? '' : ` ${words.UNCHECKED}`;
  return html`${words.answeredBy(network, where, scene.milliseconds)} ${device.reason}${unchecked}
  ${besideText(figure.beside)} ${otherDevices(figure, device)}`;
}

/**
 * What else could answer: the other device and, if one was asked for, the faster one.
 * @param {LiveFigure} figure
 * @param {Device} device
 */
function otherDevices(figure, { kind, gpu }) {
  const button = (/** @type {DeviceWish} */ wish) =>
    html`<button
      type="button"
      class="link"
      data-device=${wish}
      @click=${() => figure.tell('device', wish)}
    >
      ${words.USE[wish]}
    </button>`;
  if (gpu === 'none') return nothing;
  return [
    kind === 'gpu' ? button('cpu') : gpu === 'hardware' ? button('gpu') : nothing,
    figure.wish !== 'auto' && gpu === 'hardware' ? button('auto') : nothing,
  ];
}

/** @param {LiveFigure} figure */
function scored({ filming, frames, score, making }) {
  if (filming) {
    if (!frames.seen) return nothing;
    return html`<p class="score" id="score">${framesText(frames)}</p>`;
  }
  if (!score.seen || making) return nothing;
  return html`<p class="score" id="score">${scoreText(score)}</p>`;
}

/** @param {LiveFigure} figure */
const actions = (figure) =>
  html`<div class="actions">
    ${scored(figure)}
    <div class="action-buttons">
      <menu-button
        label=${words.SAVE}
        .items=${filesFor(figure.scene)}
        .disabled=${!figure.scene?.clean || figure.attack !== null}
        @pick=${(/** @type {CustomEvent} */ event) => figure.tell('save', event.detail)}
      ></menu-button>
      <button type="button" @click=${() => figure.tell('share')}>${SHARE}</button>
      <button type="button" id="embed" @click=${() => figure.tell('embed')}>${words.EMBED}</button>
    </div>
  </div>`;

/** @param {Scene} scene @param {string} network @returns {Sentence} */
function sentenceFor(scene, network) {
  const clean = /** @type {NonNullable<Scene['clean']>} */ (scene.clean);
  if (scene.first) return smallerSentence(scene, scene.first);
  if (scene.found && scene.target) return targetedSentence(scene.found, scene.target, scene.saved);
  if (scene.found) return deepfoolSentence(scene.found);
  if (!scene.perturbed) return cleanSentence(network, clean);
  return universalSentence({
    network,
    clean,
    perturbed: scene.perturbed,
    fooled: scene.fooled,
    norms: scene.norms ?? { l2: 0, linf: 0 },
    norm: scene.perturbation?.norm,
    random: scene.noise === 'random',
  });
}

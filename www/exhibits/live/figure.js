/**
 * The one figure: picture + noise = sum, class bars under the first and the
 * third, and a sentence that says it in words.
 */
import { html, nothing } from 'lit';
import '../../parts/class-bars.js';
import '../../parts/compare-view.js';
import '../../parts/menu-button.js';
import '../../parts/noise-view.js';
import { Part } from '../../parts/part.js';
import '../../parts/pixel-view.js';
import '../../parts/progress-line.js';
import {
  cleanSentence,
  deepfoolProgress,
  deepfoolSentence,
  digits,
  framesText,
  loadingText,
  makingShare,
  makingText,
  ofAll,
  percent,
  scoreText,
  universalSentence,
} from '../../words.js';
import './figure.css';
import { FILES } from './save.js';
import { isOwn } from './noises.js';
import { levelsOf, STRONGEST } from './scene.js';

/**
 * @import { DeepfoolProgress, Device, DeviceWish, Perturbation, PerturbationInfo, Progress } from '../../engine/types.js'
 * @import { Sentence } from '../../words.js'
 * @import { Making } from './making.js'
 * @import { OwnNoise } from './noises.js'
 * @import { Scene } from './scene.js'
 */

export class LiveFigure extends Part {
  /** The visitor started a long work here, so the focus is ours to move. */
  #busy = false;

  static properties = {
    scene: { attribute: false },
    universal: { attribute: false },
    shipped: { attribute: false },
    own: { attribute: false },
    attack: { attribute: false },
    making: { attribute: false },
    noise: {},
    levels: { type: Number },
    network: {},
    device: { attribute: false },
    wish: {},
    progress: { attribute: false },
    trouble: {},
    score: { attribute: false },
    filming: { type: Boolean },
    rate: { type: Number },
    frames: { attribute: false },
  };

  constructor() {
    super();
    /** @type {Scene | null} */
    this.scene = null;
    /** The one that is chosen. @type {Perturbation | OwnNoise | null} */
    this.universal = null;
    /** @type {PerturbationInfo[]} */
    this.shipped = [];
    /** @type {OwnNoise[]} */
    this.own = [];
    /** @type {{ controller: AbortController, progress: DeepfoolProgress | null } | null} */
    this.attack = null;
    /** A noise of the visitor's own that is being made. @type {Making | null} */
    this.making = null;
    /** What the visitor asked for; the scene has what is there already. */
    this.noise = /** @type {Scene['noise']} */ ('none');
    this.levels = 0;
    this.network = '';
    /** @type {Device | null} */
    this.device = null;
    /** Which device the visitor asked for. */
    this.wish = /** @type {DeviceWish} */ ('auto');
    /** @type {Progress | null} */
    this.progress = null;
    /** @type {string | null} */
    this.trouble = null;
    this.score = { fooled: 0, seen: 0 };
    this.filming = false;
    /** The camera's frames a second. */
    this.rate = 0;
    this.frames = { fooled: 0, seen: 0 };
  }

  render() {
    return html`<figure class="equation" aria-label="Picture plus noise equals sum">
        ${this.#picture()}
        <span class="sign" aria-hidden="true">${sign('M4 12h16M12 4v16')}</span>
        ${this.#noise()}
        <span class="sign" aria-hidden="true">${sign('M4 9h16M4 15h16')}</span>
        ${this.#sum()}
      </figure>
      <div class="telling">
        <div class="said">${this.#sentence()}</div>
        <p class="provenance" id="device">${this.#provenance()}</p>
        ${this.#actions()}
      </div>`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    // Where the button under somebody's finger went away, the next one takes over.
    const changes = changed.has('attack') || changed.has('making');
    const lost = changes && document.activeElement === document.body;
    if (!lost || !this.isConnected || !this.#busy) return;
    const next = this.attack || this.making ? '#cancel' : '#deepfool';
    /** @type {HTMLElement | null} */ (this.querySelector(next))?.focus();
    this.#busy = this.attack !== null || this.making !== null;
  }

  #picture() {
    const { scene } = this;
    return html`<section class="term" id="picture">
      <div class="square">
        ${
          scene
            ? html`<pixel-view
                .picture=${scene.picture.pixels}
                .label=${scene.picture.title}
              ></pixel-view>`
            : nothing
        }
      </div>
      <div class="under">
        <h2 class="caption">
          ${scene?.picture.title ?? 'Picture'}
          ${this.filming ? html`<span id="rate">${this.rate} frames a second</span>` : nothing}
        </h2>
        <class-bars
          .answer=${scene?.clean ?? null}
          .clean=${scene?.clean?.top[0].label ?? -1}
          .moving=${this.filming}
          label="What the classifier says to the picture"
        ></class-bars>
      </div>
    </section>`;
  }

  #noise() {
    const { scene, attack, making } = this;
    const noise = scene?.noise ?? 'none';
    const title = {
      none: 'Noise',
      universal: making ? 'Your noise, as it grows' : 'Universal: one for every picture',
      random: 'Random noise of the same size',
      deepfool: 'DeepFool: smallest for this picture',
    }[noise];
    const chosen = !making && (noise === 'universal' || noise === 'random');
    return html`<section class="term" id="noise">
      <div class="square">
        <noise-view
          .drawing=${scene?.drawing ?? null}
          .factor=${scene?.factor ?? 1}
          .empty=${attack || making ? '' : 'No noise yet'}
          .label=${title}
        ></noise-view>
      </div>
      <div class="under">
        ${chosen ? this.#choice() : html`<h2 class="caption">${title}</h2>`}
        ${attack ? nothing : making ? this.#makingFigures(making) : this.#figures()}
      </div>
      ${attack ? this.#attack(attack) : making ? this.#making(making) : this.#controls()}
    </section>`;
  }

  /** Which universal noise, or a random one just as large. */
  #choice() {
    const option = (/** @type {string} */ id, /** @type {string} */ title) =>
      html`<option
        value=${id}
        ?selected=${id === (this.noise === 'random' ? 'random' : this.universal?.id)}
      >
        ${title}
      </option>`;
    return html`<h2 class="visually-hidden">Noise</h2>
      <select
        id="which"
        aria-label="Which noise"
        @change=${(/** @type {Event} */ event) =>
          this.tell('which', /** @type {HTMLSelectElement} */ (event.target).value)}
      >
        <optgroup label="Universal: one for every picture">
          ${this.shipped.map(({ id, title }) => option(id, title))}
          ${[...this.own].reverse().map(({ id, title }) => option(id, title))}
        </optgroup>
        <optgroup label="To compare">${option('random', 'Random noise of the same size')}</optgroup>
      </select>`;
  }

  #sum() {
    const { scene } = this;
    return html`<section class="term" id="sum">
      <div class="square">
        ${
          scene?.sum
            ? html`<compare-view
                .first=${scene.picture.pixels}
                .second=${scene.sum}
                label="${scene.picture.title}, with noise"
              ></compare-view>`
            : nothing
        }
      </div>
      <div class="under">
        <h2 class="caption">
          Picture with noise ${scene?.perturbed ? verdict(scene.fooled) : nothing}
        </h2>
        ${
          scene?.clean && !scene.perturbed && !this.attack
            ? html`<p class="invitation">
                Add a noise, and the classifier answers once more, here.
              </p>`
            : html`<class-bars
                .answer=${scene?.perturbed ?? null}
                .clean=${scene?.clean?.top[0].label ?? -1}
                .moving=${this.filming}
                label="What the classifier says to the picture with noise"
              ></class-bars>`
        }
      </div>
    </section>`;
  }

  /** The noise in numbers. */
  #figures() {
    const { scene } = this;
    if (!scene?.norms) return nothing;
    const { l2, linf } = scene.norms;
    const { found } = scene;
    return html`<dl class="figures" id="figures">
      ${fact('Largest change (ℓ∞)', `${digits(linf)} of 255`, 'linf', 'The l∞ norm, in levels')}
      ${fact('Length (ℓ2)', `${digits(l2)} levels`, 'l2', 'The l2 norm, in levels of 255')}
      ${this.#foolingRate()}
      ${
        found
          ? [
              fact(
                'Of the picture’s own length (ρ)',
                typeof found.rho === 'number' ? `${digits(found.rho * 100)} %` : '–',
                'rho',
                'l2 norm of the noise, divided by that of the picture',
              ),
              fact('Iterations', String(found.iterations), 'iterations', ''),
              fact(
                'Still fools when clipped to 0–255',
                yesNo(found.survivesClipping),
                'clipping',
                '',
              ),
              fact(
                'Still fools when rounded, as in a file',
                yesNo(found.survivesRounding),
                'rounding',
                '',
              ),
            ]
          : nothing
      }
    </dl>`;
  }

  /** Of the noise as it was made: at another strength it would be another number. */
  #foolingRate() {
    const { scene, universal } = this;
    const asMade = scene?.perturbation && Math.abs(scene.strength - 1) < 1e-3;
    if (!asMade || !universal) return nothing;
    const made = isOwn(universal) ? universal : null;
    if (scene.noise === 'random') {
      if (!made?.counts) return nothing;
      return fact('Fooled, of all pictures', ofAll(made.counts.random), 'random', '');
    }
    if (made) return this.#counts(made);
    // On pictures as the page shows them: no lighter than white, no darker than black.
    const rate = (universal.foolingRateSaved ?? universal.foolingRate).others;
    return fact(
      'Fooling rate, other pictures',
      percent(rate),
      'rate',
      'Share of the pictures, none of them used to make this noise, whose answer it changes',
    );
  }

  /** @param {OwnNoise} made */
  #counts({ counts, ownText, othersText }) {
    if (!ownText) return nothing; // It came from a file, which does not say.
    const count = (/** @type {'own' | 'others' | 'random'} */ which) =>
      counts ? ofAll(counts[which]) : 'counting';
    return [
      fact('Fooled, of its own pictures', count('own'), 'own', `It learnt from ${ownText}`),
      othersText
        ? fact('Fooled, of others', count('others'), 'others', `It was tried on ${othersText}`)
        : nothing,
      fact('Fooled by random noise', count('random'), 'random', 'Random noise of the same norm'),
    ];
  }

  /** @param {Making} making */
  #makingFigures({ order, progress }) {
    return html`<dl class="figures" id="figures">
      ${fact(
        `Fooled, of its own ${order.own.length}`,
        typeof progress?.runningRate === 'number' ? percent(progress.runningRate) : '–',
        'own',
        `It learns from ${order.ownText}; the share of those seen in this pass`,
      )}
      ${
        order.others.length
          ? fact(
              `Fooled, of ${order.others.length} others`,
              typeof progress?.otherRate === 'number' ? percent(progress.otherRate) : '–',
              'others',
              `It is tried on ${order.othersText} after every pass`,
            )
          : nothing
      }
    </dl>`;
  }

  /** @param {Making} making */
  #making({ progress, begun }) {
    return html`<div class="controls">
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
          @click=${() => {
            this.#busy = true;
            this.tell('finish');
          }}
        >
          Stop and keep
        </button>
        <button
          type="button"
          id="cancel"
          @click=${() => {
            this.#busy = true;
            this.tell('cancel');
          }}
        >
          Cancel
        </button>
      </div>
    </div>`;
  }

  /** @param {{ controller: AbortController, progress: DeepfoolProgress | null }} attack */
  #attack({ controller, progress }) {
    return html`<div class="controls">
      <progress-line
        .text=${deepfoolProgress(progress)}
        .value=${progress?.iteration ?? 0}
        .max=${progress?.maxIterations ?? 0}
      ></progress-line>
      <button
        type="button"
        id="cancel"
        @click=${() => {
          controller.abort();
          this.tell('noise', 'none');
        }}
      >
        Cancel
      </button>
    </div>`;
  }

  #controls() {
    const waiting = !this.scene?.clean;
    const { noise, universal } = this;
    const on = noise === 'universal' || noise === 'random';
    return html`<div class="controls">
      ${on && universal ? this.#slider(universal) : nothing}
      <div class="noise-buttons" ?data-on=${noise !== 'none'}>
        <button
          type="button"
          id="universal"
          class=${noise === 'none' ? 'primary' : ''}
          ?disabled=${waiting || !universal}
          @click=${() => this.tell('noise', on ? 'none' : 'universal')}
        >
          ${on ? 'Remove noise' : noise === 'none' ? 'Add the universal noise' : 'Universal'}
        </button>
        <button
          type="button"
          id="deepfool"
          ?disabled=${waiting}
          @click=${() => {
            this.#busy = true;
            this.tell('noise', noise === 'deepfool' ? 'none' : 'deepfool');
          }}
        >
          ${
            {
              none: 'How small can it be? (DeepFool)',
              universal: 'DeepFool',
              random: 'DeepFool',
              deepfool: 'Remove noise',
            }[noise]
          }
        </button>
        <button
          type="button"
          id="workshop"
          ?disabled=${waiting}
          @click=${() => {
            this.#busy = true;
            this.tell('workshop');
          }}
        >
          Make your own
        </button>
      </div>
    </div>`;
  }

  /** @param {Perturbation} universal */
  #slider(universal) {
    const { norm, radius } = universal;
    const scale = radius / levelsOf(universal);
    const value = Number((this.levels * scale).toFixed(norm === 'linf' ? 1 : 0));
    const meaning = norm === 'linf' ? 'the largest change of any pixel' : 'the length of the noise';
    return html`<label class="strength">
      <span>Strength <abbr title="xi: ${meaning}">ξ</abbr></span>
      <input
        id="strength"
        type="range"
        min="0"
        max=${STRONGEST}
        step="0.5"
        .value=${String(this.levels)}
        aria-valuetext="${value} ${norm === 'linf' ? 'of 255 levels' : 'levels long'}"
        @input=${(/** @type {Event} */ event) =>
          this.tell('strength', Number(/** @type {HTMLInputElement} */ (event.target).value))}
      />
      <output>${value}</output>
    </label>`;
  }

  #sentence() {
    const { scene, network } = this;
    if (this.trouble) {
      return html`<div class="trouble" role="alert">
        <p>${this.trouble}</p>
        <button type="button" class="primary" @click=${() => this.tell('retry')}>Try again</button>
      </div>`;
    }
    if (!scene?.clean) {
      const { progress } = this;
      const bytes = progress?.stage === 'download' ? progress : null;
      return html`<progress-line
        id="loading"
        .text=${loadingText(progress, network)}
        .value=${bytes ? bytes.loaded : progress ? 1 : 0}
        .max=${bytes ? (bytes.total ?? 0) : 1}
      ></progress-line>`;
    }
    return html`<p
      class="sentence"
      id="sentence"
      aria-live=${this.filming || this.making ? 'off' : 'polite'}
    >
      ${spoken(sentenceFor(scene, network))}
    </p>`;
  }

  #provenance() {
    const { device, scene } = this;
    if (!device || !scene?.clean)
      return 'The classifier runs in this browser. Nothing is installed.';
    const { on } = scene;
    const where = on?.kind === 'gpu' ? `the GPU (${on.name})` : 'the CPU';
    return html`Answered by ${this.network} on ${where} in ${digits(scene.milliseconds / 1000)} s.
    ${device.reason} ${this.#otherDevices(device)}`;
  }

  /**
   * What else could answer: the other device and, if one was asked for, the faster one.
   * @param {Device} device
   */
  #otherDevices({ kind, gpu }) {
    const button = (/** @type {DeviceWish} */ wish, /** @type {string} */ words) =>
      html`<button
        type="button"
        class="link"
        data-device=${wish}
        @click=${() => this.tell('device', wish)}
      >
        ${words}
      </button>`;
    if (gpu === 'none') return nothing;
    return [
      kind === 'gpu'
        ? button('cpu', 'Use the CPU')
        : gpu === 'hardware'
          ? button('gpu', 'Use the GPU')
          : nothing,
      this.wish !== 'auto' && gpu === 'hardware' ? button('auto', 'Use the faster one') : nothing,
    ];
  }

  #scored() {
    if (this.filming) {
      if (!this.frames.seen) return nothing;
      return html`<p class="score" id="score">${framesText(this.frames)}</p>`;
    }
    if (!this.score.seen || this.making) return nothing;
    return html`<p class="score" id="score">${scoreText(this.score)}</p>`;
  }

  #actions() {
    const { scene } = this;
    return html`<div class="actions">
      ${this.#scored()}
      <div class="action-buttons">
        <menu-button
          label="Save"
          .items=${FILES}
          .disabled=${!scene?.drawing}
          @pick=${(/** @type {CustomEvent} */ event) => this.tell('save', event.detail)}
        ></menu-button>
        <button type="button" @click=${() => this.tell('share')}>Share</button>
        <button type="button" @click=${() => this.tell('embed')}>Embed</button>
      </div>
    </div>`;
  }
}

/** @param {Scene} scene @param {string} network @returns {Sentence} */
function sentenceFor(scene, network) {
  const clean = /** @type {NonNullable<Scene['clean']>} */ (scene.clean);
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

/** @param {Sentence} sentence */
const spoken = (sentence) =>
  sentence.map((part) =>
    typeof part === 'string' ? part : html`<strong data-tone=${part.tone}>${part.answer}</strong>`,
  );

/** @param {string} name @param {string} value @param {string} id @param {string} title */
const fact = (name, value, id, title) =>
  html`<div title=${title || nothing}>
    <dt>${name}</dt>
    <dd data-figure=${id}>${value}</dd>
  </div>`;

/** @param {boolean} fooled */
const verdict = (fooled) =>
  html`<span class="verdict" data-fooled=${fooled}>${fooled ? 'fooled' : 'not fooled'}</span>`;

/** @param {boolean} value */
const yesNo = (value) => (value ? 'yes' : 'no');

/** @param {string} path */
const sign = (path) => html`<svg viewBox="0 0 24 24"><path d=${path} /></svg>`;

customElements.define('live-figure', LiveFigure);

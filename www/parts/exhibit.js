/**
 * What exhibits on one picture have in common: the picture at hand as the network
 * sees it, the row of pictures to choose from, and a line for what is still
 * loading. A subclass says what it shows ({@link Exhibit.exhibit}) and what it does
 * with another picture ({@link Exhibit.met}).
 */
import { html, nothing } from 'lit';
import { onEscape } from '../escape.js';
import { Arrivals, isNoise } from '../pictures/arrivals.js';
import { atHand } from '../pictures/at-hand.js';
import { photographed, readPhotos, samplesFor } from '../pictures/samples.js';
import { OWN_PICTURE } from '../state.js';
import { loadingText, TRY_AGAIN } from '../words/common.js';
import { ONLY_A_NOISE, THE_CLASSIFIER } from '../words/parts.js';
import { NO_SAMPLES, OWN_GONE, SITE_PICTURE } from '../words/pictures.js';
import './exhibit.css';
import { listenForFiles } from './intake.js';
import { kept } from './kept.js';
import { Part } from './part.js';
import './picture-source.js';
import './progress-line.js';

/**
 * @import { TemplateResult } from 'lit'
 * @import { Engine } from '../engine/engine.js'
 * @import { Picture, Progress } from '../engine/types.js'
 * @import { Candidate } from '../pictures/arrivals.js'
 * @import { Arrival } from './intake.js'
 * @import { Photo, Sample } from '../pictures/samples.js'
 * @import { Settings } from '../state.js'
 *
 * @typedef {{ key: string, title: string, pixels: Picture }} AtHandPicture
 */

export class Exhibit extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    settings: { attribute: false },
    ready: { type: Boolean },
    switching: {},
    progress: { attribute: false },
    trouble: {},
    picture: { state: true },
    coming: { state: true },
    samples: { state: true },
  };

  /** @type {Photo[]} */
  #photos = [];
  /** Whether all photos that there are are known. */
  #isRead = false;
  /** @type {(() => void)[]} */
  #ends = [];
  #arrivals = new Arrivals({
    engine: () => (this.ready ? this.engine : null),
    coming: (coming) => (this.coming = coming?.key ?? ''),
    taken: async (candidate, pixels) => this.#took(candidate, pixels),
    failed: () => {},
    tell: (notice) => this.tell('notice', notice),
  });

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use. */
    this.network = '';
    /** @type {Settings} */
    this.settings = /** @type {Settings} */ ({});
    /** Whether the classifier can answer. */
    this.ready = false;
    /** The title of another network that is on its way. */
    this.switching = '';
    /** @type {Progress | null} */
    this.progress = null;
    /** @type {string | null} */
    this.trouble = null;
    /** As the network sees it; null until it is there. @type {AtHandPicture | null} */
    this.picture = null;
    /** The key of a picture that was chosen and is not there yet. */
    this.coming = '';
    /** @type {Sample[]} */
    this.samples = [];
  }

  connectedCallback() {
    super.connectedCallback();
    this.#ends = [
      listenForFiles({
        files: (arrival) => this.#takeFiles(arrival),
        sample: (id) => this.#choose(id),
        own: (url) =>
          this.#arrivals.take([
            {
              key: url.href,
              title: SITE_PICTURE,
              kind: 'own',
              preview: '',
              source: url,
            },
          ]),
        explain: (text) => this.tell('notice', { about: 'picture', text }),
      }),
      onEscape(() => this.stop()),
    ];
    this.#readSamples();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const end of this.#ends) end();
    this.#arrivals.stop();
    this.stop();
    this.#hold(this.network);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has('network') && !changed.has('ready')) return;
    if (changed.has('network')) {
      this.stop();
      this.#hold(String(changed.get('network')));
      this.picture = null;
    }
    this.#offer();
    if (this.ready && !this.picture) this.#start();
  }

  /**
   * Another picture is there, or another network. To be said by the subclass.
   * @param {any} _had what it {@link Exhibit.held} of the same picture when it was left
   */
  met(_had) {}

  /**
   * What has been found of the picture at hand, for {@link Exhibit.met} when somebody
   * comes back to it. To be said by the subclass.
   * @returns {object | null}
   */
  held() {
    return null;
  }

  /** Ends what takes long. @returns {boolean} whether there was anything to end */
  stop() {
    return false;
  }

  /** What it shows. To be said by the subclass. @returns {TemplateResult | typeof nothing} */
  exhibit() {
    return nothing;
  }

  render() {
    return html`${this.exhibit()} ${this.ready && !this.switching ? nothing : this.#loading()}
    ${
      this.settings.hide?.includes('pictures')
        ? nothing
        : html`<picture-source
            .engine=${this.engine}
            .network=${this.network}
            .samples=${this.samples}
            .chosen=${this.coming || (this.picture?.key ?? '')}
            .films=${false}
            @sample=${(/** @type {CustomEvent} */ event) => this.#choose(event.detail)}
            @file=${(/** @type {CustomEvent} */ event) => this.#takeFiles(event.detail)}
          ></picture-source>`
    }`;
  }

  #loading() {
    const { progress, trouble } = this;
    if (trouble) {
      return html`<div class="trouble" role="alert">
        <p>${trouble}</p>
        <button type="button" class="primary" @click=${() => this.tell('retry')}>
          ${TRY_AGAIN}
        </button>
      </div>`;
    }
    const bytes = progress?.stage === 'download' ? progress : null;
    return html`<progress-line
      .text=${loadingText(progress, this.switching || (this.engine?.network.title ?? THE_CLASSIFIER))}
      .value=${bytes ? bytes.loaded : progress ? 1 : 0}
      .max=${bytes ? (bytes.total ?? 0) : 1}
    ></progress-line>`;
  }

  async #readSamples() {
    try {
      this.#photos = await readPhotos();
    } catch {
      this.tell('notice', {
        about: 'samples',
        text: NO_SAMPLES,
        again: () => this.#readSamples(),
      });
    }
    this.#isRead = true;
    this.#offer();
    if (this.ready && !this.picture && !this.coming) this.#start();
  }

  #offer() {
    this.samples = samplesFor(this.network || this.settings.network, this.#photos);
  }

  /** @param {Arrival} arrival noises have no place here */
  #takeFiles(arrival) {
    if (arrival.files.every(isNoise)) {
      this.tell('notice', {
        about: 'picture',
        text: ONLY_A_NOISE,
      });
      return undefined;
    }
    return this.#arrivals.takeFiles(arrival);
  }

  /** With what is at hand, else with what the address names, else with the first sample. */
  #start() {
    const { candidate } = atHand;
    if (candidate?.kind === 'own') this.#arrivals.take([candidate]);
    else {
      if (this.settings.sample === OWN_PICTURE)
        this.tell('notice', { about: 'own', text: OWN_GONE, kind: 'news' });
      this.#choose(this.settings.sample);
    }
  }

  /** @param {string} id */
  #choose(id) {
    const photo = this.#photos.find((each) => each.id === id);
    const named =
      this.samples.find((each) => each.id === id) ?? (photo ? photographed(photo) : null);
    // It may be one of the photos.
    if (id && !named && !this.#isRead) return;
    const sample = named ?? this.samples[0];
    if (!sample || sample.id === (this.coming || this.picture?.key)) return;
    const { title, thumbnail: preview, source } = sample;
    this.#arrivals.take([{ key: sample.id, title, kind: 'sample', preview, source: source() }]);
  }

  /** @param {Candidate} candidate @param {Picture} pixels */
  #took(candidate, pixels) {
    const { key, title, kind } = candidate;
    atHand.take(candidate);
    this.#hold(this.network);
    this.picture = { key, title, pixels };
    const isFirst = key === this.samples[0]?.id;
    this.tell('settings', { sample: kind !== 'sample' ? OWN_PICTURE : isFirst ? '' : key });
    this.met(kept.recall([this.localName, this.network, key]));
  }

  /** @param {string} network that the picture was seen by */
  #hold(network) {
    const held = this.picture && this.held();
    if (held) kept.keep([this.localName, network, this.picture?.key ?? ''], held);
  }
}

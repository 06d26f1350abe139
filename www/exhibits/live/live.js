/**
 * The first exhibit: a picture, a noise, their sum, and what the classifier says
 * to both. This element keeps what is shown; the figure draws it.
 */
import { html, nothing } from 'lit';
import { onEscape } from '../../escape.js';
import { latestOnly } from '../../latest.js';
import { Part } from '../../parts/part.js';
import { listenForFiles } from '../../parts/intake.js';
import '../../parts/picture-source.js';
import { OWN_PICTURE } from '../../state.js';
import { Task } from '../../task.js';
import { Arrivals, isNoise } from '../../pictures/arrivals.js';
import './figure.js';
import { Filming } from './filming.js';
import { NoiseChoice } from './noise-choice.js';
import { atHand } from '../../pictures/at-hand.js';
import { photographed, readPhotos, samplesFor } from '../../pictures/samples.js';
import { saveFile } from './save.js';
import { bareScene, cleanScene, deepfoolScene, levelsOf, universalScene } from './scene.js';
import { Score } from './score.js';
import { Studio } from './studio.js';
import './workshop.js';
import './live.css';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { CameraFrame, DeepfoolProgress, Picture, Progress } from '../../engine/types.js'
 * @import { Arrival } from '../../parts/intake.js'
 * @import { Settings } from '../../state.js'
 * @import { Candidate } from '../../pictures/arrivals.js'
 * @import { Coming } from '../../pictures/arrivals.js'
 * @import { Photo, Sample } from '../../pictures/samples.js'
 * @import { Filmed, Scene, Shown } from './scene.js'
 * @import { NoiseWorkshop } from './workshop.js'
 */

export class LiveExhibit extends Part {
  static properties = {
    engine: { attribute: false },
    network: {},
    switching: {},
    settings: { attribute: false },
    progress: { attribute: false },
    beside: { attribute: false },
    trouble: {},
    scene: { state: true },
    coming: { state: true },
    samples: { state: true },
    attack: { state: true },
  };

  /** By the id of the noise. @type {Map<string, Score>} */
  #scores = new Map();
  /** @type {Photo[]} */
  #photos = [];
  /** The camera was on when the workshop was opened. */
  #filmAgain = false;
  /** Lets the camera take its next frame while a noise is made. */
  #grown = () => {};
  /** What is shown, to be read again by another network. @type {Candidate | null} */
  #taken = null;
  /** The picture that was asked about last: its answer may be on its way yet. @type {Shown | null} */
  #asked = null;
  /** @type {(() => void)[]} */
  #ends = [];
  /** How many scenes were answered, for whoever measures. */
  #answers = 0;
  /** What was told and is not settled yet. @type {Set<string>} */
  #troubles = new Set();
  #refresh = latestOnly((/** @type {Shown | Filmed} */ seen) => this.#compute(seen));
  #choice = new NoiseChoice({
    around: () => ({
      engine: this.engine,
      network: this.network,
      settings: this.settings,
      picture: this.scene?.picture.pixels ?? null,
    }),
    set: (change) => this.#set(change),
    changed: (needed) => (needed ? this.#redo() : this.requestUpdate()),
    opened: () => this.#studio.count(),
    forgotten: (id) => this.#scores.delete(id),
    explain: (about, text, again) => this.#explain(about, text, again),
    settle: (about) => this.#settle(about),
  });
  #attacking = new Task(() => this.#attacking.running || (this.attack = null));
  #filming = new Filming({
    show: (frame) => this.#showFrame(frame),
    // While a noise is made, the time is for that: one frame each time it is shown.
    turn: () =>
      this.#studio.making
        ? new Promise((resolve) => (this.#grown = () => resolve(undefined)))
        : Promise.resolve(),
    ended: (why) => this.#explain('camera', why),
    changed: () => this.requestUpdate(),
  });
  #studio = new Studio({
    tools: () => ({ engine: this.engine, noises: this.#choice.noises }),
    changed: (grew) => this.#studioChanged(grew),
    use: (noise) => this.#choice.use(noise),
    known: (noise) => this.#choice.known(noise),
    tell: (notice) => this.tell('notice', notice),
  });
  #arrivals = new Arrivals({
    engine: () => this.engine,
    coming: (coming) => (this.coming = coming),
    taken: (candidate, pixels) => this.#took(candidate, pixels),
    failed: () => this.#redo(),
    tell: (notice) => this.tell('notice', notice),
  });

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use; it changes when another one answers. */
    this.network = '';
    /** The title of another network that is on its way. */
    this.switching = '';
    /** @type {Settings} */
    this.settings = /** @type {Settings} */ ({});
    /** @type {Progress | null} */
    this.progress = null;
    /** @type {Progress | null} */
    this.beside = null;
    /** @type {string | null} */
    this.trouble = null;
    /** @type {Scene | null} */
    this.scene = null;
    /** What was chosen and is not there yet. @type {Coming | null} */
    this.coming = null;
    /** @type {Sample[]} */
    this.samples = [];
    /** A DeepFool that is running. @type {{ progress: DeepfoolProgress | null } | null} */
    this.attack = null;
  }

  /** The universal noise in use. */
  get universal() {
    return this.#choice.inUse;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#ends = [
      listenForFiles({
        files: (arrival) => this.#takeFiles(arrival),
        sample: (id) => this.#chooseSample(id),
        own: (url) => this.#takeOwn(url),
        explain: (sentence) => this.#explain('picture', sentence),
      }),
      onEscape(() => this.#stop()),
    ];
    document.addEventListener('visibilitychange', this.#hidden);
    this.#readSamples();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const end of this.#ends) end();
    document.removeEventListener('visibilitychange', this.#hidden);
    this.#filming.stop();
    this.#attacking.stop();
    this.#studio.close();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('engine') || changed.has('network')) this.#meet();
    const before = /** @type {Settings | undefined} */ (changed.get('settings'));
    if (!before?.noise) return;
    const { noise, universal, strength, sample } = this.settings;
    if (universal !== before.universal) this.#choice.load();
    if (sample !== before.sample && sample !== OWN_PICTURE) this.#chooseSample(sample);
    else if (noise !== before.noise || strength !== before.strength) this.#redo();
  }

  /** Another network, or the first: it sees pictures at another size, and has noises of its own. */
  #meet() {
    this.#attacking.stop();
    this.#choice.reset();
    this.scene = null;
    this.#asked = null;
    this.#filming.recount();
    this.#offer();
    if (!this.engine) return;
    this.#choice.load();
    if (this.#filming.on) return;
    if (this.#arrivals.resume()) return;
    const taken = this.#taken ?? atHand.candidate;
    if (taken?.kind === 'own') this.#arrivals.take([taken]);
    else this.#chooseSample(this.settings.sample, true);
  }

  /** Called when the classifier has arrived. */
  classifierReady() {
    this.#redo();
    this.#studio.count();
  }

  /** Called when another device answers from here on. What took long is not done again. */
  deviceChanged() {
    if (this.settings.noise === 'deepfool' || this.#studio.making || this.#filming.on)
      this.requestUpdate();
    else this.#redo();
  }

  /** Called before another network is asked for. */
  leaveNetwork() {
    const title = this.engine?.network.title ?? 'this network';
    return this.#studio.leave(title, `choose ${title} again`);
  }

  /** Called before another exhibit takes its place. */
  leaveExhibit() {
    return this.#studio.leave(this.engine?.network.title ?? 'this network', 'open Live again');
  }

  render() {
    const { noise, strength, hide } = this.settings;
    const { noises, inUse, wanted } = this.#choice;
    const { making } = this.#studio;
    const { on: filming, frames } = this.#filming;
    const noiseOn = making ? null : this.scene?.perturbation;
    const score = this.#scores.get(noiseOn?.id ?? inUse?.id ?? '');
    return html`<live-figure
        .scene=${this.scene}
        .coming=${this.coming}
        .universal=${inUse}
        .wanted=${wanted}
        .shipped=${noises?.shipped ?? []}
        .own=${noises?.own ?? []}
        .attack=${this.attack}
        .making=${making}
        .noise=${noise}
        .levels=${strength}
        .network=${this.engine?.network.title ?? 'EfficientNet-Lite0'}
        .switching=${this.switching}
        .device=${this.engine?.device ?? null}
        .checked=${this.engine?.checked ?? true}
        .wish=${this.settings.device}
        .progress=${this.progress}
        .beside=${this.beside}
        .trouble=${this.trouble}
        .score=${{ fooled: score?.fooled ?? 0, seen: score?.seen ?? 0 }}
        .filming=${filming}
        .rate=${this.#filming.rate}
        .frames=${noiseOn ? frames : { fooled: 0, seen: 0 }}
        @noise=${(/** @type {CustomEvent} */ event) => this.#set({ noise: event.detail })}
        @strength=${(/** @type {CustomEvent} */ event) => this.#set({ strength: event.detail })}
        @which=${(/** @type {CustomEvent} */ event) => this.#choice.choose(event.detail)}
        @save=${(/** @type {CustomEvent} */ event) => this.#save(event.detail)}
        @workshop=${this.#openWorkshop}
        @stop=${() => this.#stop()}
        @finish=${() => this.#studio.finish()}
        @cancel=${() => this.#studio.cancel()}
      ></live-figure>
      ${
        hide.includes('pictures')
          ? nothing
          : html`<picture-source
              .samples=${this.samples}
              .chosen=${this.coming?.key ?? this.scene?.picture.key ?? ''}
              .cameras=${this.#filming.cameras}
              .camera=${this.#filming.camera}
              .running=${filming}
              @sample=${(/** @type {CustomEvent} */ event) => this.#chosen(event.detail)}
              @file=${(/** @type {CustomEvent} */ event) => this.#takeFiles(event.detail)}
              @camera=${(/** @type {CustomEvent} */ event) => this.#startCamera(event.detail)}
              @camera-stop=${() => this.#filming.stop()}
            ></picture-source>`
      }
      <noise-workshop
        .engine=${this.engine}
        .network=${this.network}
        .samples=${this.samples}
        .own=${noises?.own ?? []}
        .read=${(/** @type {File} */ file) => this.#choice.read(file)}
        @make=${(/** @type {CustomEvent} */ event) => this.#studio.make(event.detail)}
        @forget=${(/** @type {CustomEvent} */ event) => this.#choice.forget(event.detail)}
        @closed=${() => this.#filmAgain && this.#startCamera()}
      ></noise-workshop>`;
  }

  updated() {
    const { scene } = this;
    const waiting = this.coming || this.switching || !scene?.clean;
    this.dataset.state = this.attack ? 'attacking' : waiting ? 'waiting' : 'answered';
    const { making, counting } = this.#studio;
    this.dataset.making = making ? 'yes' : counting ? 'counting' : 'no';
    this.dataset.answers = String(this.#answers);
    this.dataset.picture = scene?.picture.key ?? '';
    this.dataset.noise = scene?.noise ?? 'none';
    this.dataset.fooled = String(scene?.fooled ?? false);
  }

  // ---- pictures

  async #readSamples() {
    try {
      this.#photos = await readPhotos();
      this.#settle('samples');
    } catch {
      const text = 'The sample photos could not be downloaded. Choose a photo of your own.';
      this.#explain('samples', text, () => this.#readSamples());
    }
    this.#offer();
    const waits = !this.scene && !this.coming && !this.#taken;
    if (waits) this.#chooseSample(this.settings.sample, true);
  }

  /** What there is to try. */
  #offer() {
    this.samples = samplesFor(this.network || this.settings.network, this.#photos);
  }

  /** The visitor chose: on a phone the choice stands below the figure. @param {string} id */
  #chosen(id) {
    this.#chooseSample(id);
    this.#reveal();
  }

  /** Brings the figure into sight, where its picture or its sum is out of it. */
  #reveal() {
    const figure = this.querySelector('.equation');
    if (!figure) return;
    const { top, bottom } = figure.getBoundingClientRect();
    if (top < 0 || (bottom > innerHeight && top > 16)) figure.scrollIntoView({ block: 'start' });
  }

  /** @param {string} id an unknown one, or none, gives the first @param {boolean} [anew] for another network */
  #chooseSample(id, anew = false) {
    const photo = this.#photos.find((each) => each.id === id);
    const sample =
      this.samples.find((each) => each.id === id) ??
      (photo ? photographed(photo) : this.samples[0]);
    const shown = this.coming?.key ?? this.#taken?.key;
    if (!sample || (shown === sample.id && !anew && !this.#filming.on)) return;
    const { title, thumbnail, source } = sample;
    this.#attacking.stop();
    this.#arrivals.take([
      { key: sample.id, title, kind: 'sample', preview: thumbnail, source: source() },
    ]);
  }

  /** A picture of this site's that was dragged here. @param {URL} url */
  #takeOwn(url) {
    const sample = this.samples.find(({ thumbnail }) => url.href.endsWith(thumbnail));
    const photo = this.#photos.find(({ file }) => url.pathname.endsWith(`/${file}`));
    if (sample ?? photo) return this.#chooseSample((sample ?? photo)?.id ?? '');
    const title =
      decodeURIComponent(url.pathname.split('/').pop() ?? '') || 'A picture of this site';
    return this.#arrivals.take([
      { key: url.href, title, kind: 'own', preview: url.href, source: url },
    ]);
  }

  /** @param {Arrival} arrival */
  #takeFiles(arrival) {
    if (this.#workshop?.isOpen) return this.#workshop.add(arrival);
    const noise = arrival.files.find(isNoise);
    if (noise) this.#takeNoise(noise);
    this.#reveal();
    return this.#arrivals.takeFiles(arrival);
  }

  /** @param {Candidate} candidate @param {Picture} pixels */
  #took(candidate, pixels) {
    const { key, title, kind } = candidate;
    this.#filming.stop();
    this.#attacking.stop();
    this.#taken = candidate;
    atHand.take(candidate);
    const isFirst = key === this.samples[0]?.id;
    this.#set({ sample: kind !== 'sample' ? OWN_PICTURE : isFirst ? '' : key });
    return this.#show({ key, title, kind, pixels });
  }

  // ---- answers

  /** @param {Shown} picture */
  #show(picture) {
    this.#attacking.stop();
    this.#asked = picture;
    if (!this.engine?.device) this.scene = bareScene(picture);
    return this.#refresh(picture);
  }

  /** The camera's next frame comes anyway. */
  #redo() {
    const picture = this.#asked ?? this.scene?.picture;
    if (picture && !this.#filming.on) this.#show(picture);
  }

  /** @param {Shown | Filmed} seen */
  async #compute(seen) {
    const { engine, network } = this;
    const { noises, inUse } = this.#choice;
    const { making } = this.#studio;
    if (!engine?.device) return;
    const { noise, strength } = this.settings;
    const current = () => network === this.network && engine === this.engine;
    const replace = (/** @type {Scene} */ scene) => current() && this.#replace(scene, seen);
    try {
      if (making?.grown) {
        const { grown } = making;
        replace(await universalScene(engine, seen, 'universal', grown, levelsOf(grown)));
      } else if (making) {
        replace(await cleanScene(engine, seen));
      } else if ((noise === 'universal' || noise === 'random') && inUse && noises) {
        const shown = noise === 'random' ? await noises.random(inUse) : inUse;
        const scene = await universalScene(engine, seen, noise, shown, strength);
        if (current()) this.#count(scene, seen);
      } else {
        replace(await cleanScene(engine, seen));
        if (noise === 'deepfool' && 'pixels' in seen && seen.kind !== 'camera' && current())
          await this.#deepfool(engine, seen);
      }
      this.#answers += 1;
      this.requestUpdate();
      this.#settle('answer');
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      // Asked of a network that has gone, or of a worker that has: the next one is asked anew.
      if (current() && name !== 'Stopped') this.#explain('answer', message, () => this.#redo());
    }
  }

  /** @param {Scene} scene @param {Shown | Filmed} seen */
  #replace(scene, seen) {
    const before = this.scene;
    if ('pixels' in seen) this.scene = scene;
    // Too late once the visitor has stopped the camera, perhaps to keep what it showed last.
    else if (this.#filming.on) {
      this.scene = scene;
      this.#filming.giveBack(before);
    }
  }

  /** @param {Engine} engine @param {Shown} picture */
  async #deepfool(engine, picture) {
    this.attack = { progress: null };
    const found = await this.#attacking.run((signal) =>
      engine.deepfool(picture.pixels, {
        signal,
        onProgress: (progress) => signal.aborted || (this.attack = { progress }),
      }),
    );
    if (found) this.scene = await deepfoolScene(engine, picture, found);
  }

  /** @param {Scene} scene @param {Shown | Filmed} seen */
  #count(scene, seen) {
    const id = scene.perturbation?.id ?? '';
    if (this.scene?.perturbation?.id !== id) this.#filming.recount();
    this.#replace(scene, seen);
    const { picture, fooled, strength } = scene;
    if (strength === 0) return;
    const score = this.#scores.get(id) ?? new Score();
    this.#scores.set(id, score);
    if (picture.kind === 'camera') this.#filming.record(fooled);
    else score.record(picture.key, fooled);
  }

  /** What runs ends. @returns {boolean} whether anything did */
  #stop() {
    if (this.#attacking.stop()) {
      this.#set({ noise: 'none' });
      return true;
    }
    return this.#studio.finish();
  }

  // ---- noise

  /** @param {File} file */
  async #takeNoise(file) {
    try {
      await this.#choice.read(file);
      this.#settle('noise-file');
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.#explain('noise-file', message);
    }
  }

  #openWorkshop() {
    this.#filmAgain = this.#filming.on;
    this.#filming.stop();
    this.#workshop?.show();
  }

  /** @param {boolean} grew */
  #studioChanged(grew) {
    this.requestUpdate();
    if (!grew) return;
    if (this.#filming.on) this.#grown();
    else this.#redo();
  }

  // ---- camera

  /** @param {string} [id] */
  async #startCamera(id) {
    if (!this.engine) {
      this.#explain('camera', 'The classifier is still loading. Press Webcam again in a moment.');
      return;
    }
    try {
      await this.#filming.start(id);
    } catch (error) {
      this.#explain('camera', /** @type {Error} */ (error).message);
      return;
    }
    this.#settle('camera');
    this.#asked = null;
    this.#reveal();
    this.#arrivals.stop();
    this.#attacking.stop();
    const { noise } = this.settings;
    this.#set({ sample: OWN_PICTURE, noise: noise === 'deepfool' ? 'none' : noise });
  }

  /** @param {CameraFrame} frame */
  async #showFrame(frame) {
    const engine = /** @type {Engine} */ (this.engine);
    const mirror = this.#filming.mirrored;
    const about = {
      key: 'camera',
      title: mirror ? 'The webcam, mirrored' : 'The camera',
      kind: /** @type {const} */ ('camera'),
    };
    if (engine.device)
      return this.#refresh({ ...about, frame, mirror, spare: this.#filming.takeSpare() });
    const pixels = await engine.loadPicture(frame, { mirror });
    if (this.#filming.on) this.scene = bareScene({ ...about, pixels });
    return undefined;
  }

  #hidden = () => {
    if (document.hidden)
      this.#filming.stop(
        'The webcam was stopped while the page was hidden. Press Webcam to go on.',
      );
  };

  // ---- the rest

  /** @param {string} what */
  async #save(what) {
    if (!this.engine || !this.scene) return;
    try {
      await saveFile(what, this.engine, this.scene);
      this.#settle('save');
    } catch (error) {
      this.#explain('save', /** @type {Error} */ (error).message, () => this.#save(what));
    }
  }

  /** @param {Partial<Settings>} change */
  #set(change) {
    // DeepFool belongs to one picture: asked for while filming, it takes this frame.
    if (change.noise === 'deepfool') this.#filming.stop();
    if (change.noise === 'deepfool' && this.scene?.picture.kind === 'camera') {
      const { picture } = this.scene;
      this.scene = { ...this.scene, picture: { ...picture, kind: 'own', title: 'A webcam frame' } };
    }
    this.tell('settings', change);
  }

  get #workshop() {
    return /** @type {NoiseWorkshop | null} */ (this.querySelector('noise-workshop'));
  }

  /** @param {string} about @param {string} text one sentence @param {() => void} [again] */
  #explain(about, text, again) {
    this.#troubles.add(about);
    this.tell('notice', { about, text, again });
  }

  /** What was told of it holds no longer. @param {string} about */
  #settle(about) {
    if (this.#troubles.delete(about)) this.tell('notice', { about, text: '' });
  }
}

customElements.define('live-exhibit', LiveExhibit);

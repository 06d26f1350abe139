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
import { OWN_PICTURE, TABLE } from '../../state.js';
import { isNoise } from '../../pictures/arrivals.js';
import { FILM, WEBCAM_NOT_READY } from '../../words/live-figure.js';
import { chooseAgain, OPEN_LIVE, THIS_NETWORK } from '../../words/live-workshop.js';
import { sceneOf } from './answers.js';
import { Attack } from './attack.js';
import './figure.js';
import './further.js';
import { Filming } from './filming.js';
import { NoiseChoice } from './noise-choice.js';
import { PictureChoice } from './picture-choice.js';
import { saveFile } from './save.js';
import { bareScene } from './scene.js';
import { Scores } from './score.js';
import { Studio } from './studio.js';
import { Told } from './told.js';
import './workshop.js';
import './live.css';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { CameraFrame, Progress } from '../../engine/types.js'
 * @import { Arrival } from '../../parts/intake.js'
 * @import { Settings } from '../../state.js'
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
  };

  #scores = new Scores();
  /** The camera was on when the workshop was opened. */
  #filmAgain = false;
  /** Lets the camera take its next frame while a noise is made. */
  #grown = () => {};
  /** The picture that was asked about last: its answer may be on its way yet. @type {Shown | null} */
  #asked = null;
  /** @type {(() => void)[]} */
  #ends = [];
  /** How many scenes were answered, for whoever measures. */
  #answers = 0;
  #told = new Told((notice) => this.tell('notice', notice));
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
    forgotten: (id) => this.#scores.forget(id),
    told: this.#told,
  });
  #attack = new Attack(() => this.requestUpdate());
  #filming = new Filming({
    show: (frame) => this.#showFrame(frame),
    // While a noise is made, the time is for that: one frame each time it is shown.
    turn: () =>
      this.#studio.making
        ? new Promise((resolve) => (this.#grown = () => resolve(undefined)))
        : Promise.resolve(),
    ended: (why) => this.#told.explain('camera', why),
    changed: () => this.requestUpdate(),
  });
  #studio = new Studio({
    tools: () => ({ engine: this.engine, noises: this.#choice.noises }),
    changed: (grew) => this.#studioChanged(grew),
    use: (noise) => this.#choice.use(noise),
    known: (noise) => this.#choice.known(noise),
    tell: (notice) => this.tell('notice', notice),
  });
  #pictures = new PictureChoice({
    around: () => ({
      engine: this.engine,
      network: this.network || this.settings.network,
      filming: this.#filming.on,
      bare: !this.scene,
    }),
    wanted: () => this.settings.sample,
    begun: () => this.#attack.stop(),
    taken: (picture, sample) => this.#took(picture, sample),
    failed: () => this.#redo(),
    changed: () => this.requestUpdate(),
    told: this.#told,
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
        sample: (id) => this.#pictures.choose(id),
        own: (url) => this.#pictures.takeOwn(url),
        explain: (sentence) => this.#told.explain('picture', sentence),
      }),
      onEscape(() => this.#stop()),
    ];
    this.#pictures.read();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const end of this.#ends) end();
    this.#filming.stop();
    this.#attack.stop();
    this.#studio.close();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('engine') || changed.has('network'))
      this.#meet(/** @type {string | undefined} */ (changed.get('network')));
    const before = /** @type {Settings | undefined} */ (changed.get('settings'));
    if (!before?.noise) return;
    const { noise, universal, strength, sample, target } = this.settings;
    if (universal !== before.universal) this.#choice.load();
    if (sample !== before.sample && sample !== OWN_PICTURE) this.#pictures.choose(sample);
    else if (noise !== before.noise || strength !== before.strength) this.#redo();
    else if (target !== before.target && noise === 'deepfool') this.#redo();
  }

  /**
   * Another network, or the first: it sees pictures at another size, and has noises and classes of its own.
   * @param {string} [before] the one that was left
   */
  #meet(before) {
    if (before && this.settings.target >= 0) this.#set({ target: Number(TABLE.target.default) });
    this.#attack.stop();
    this.#choice.reset();
    this.scene = null;
    this.#asked = null;
    this.#filming.recount();
    this.#pictures.offer();
    if (!this.engine) return;
    this.#choice.load();
    if (!this.#filming.on) this.#pictures.again();
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
    const title = this.engine?.network.title ?? THIS_NETWORK;
    return this.#studio.leave(title, chooseAgain(title));
  }

  /** Called before another exhibit takes its place. */
  leaveExhibit() {
    return this.#studio.leave(this.engine?.network.title ?? THIS_NETWORK, OPEN_LIVE);
  }

  render() {
    const { noise, strength, hide } = this.settings;
    const { noises, inUse, wanted } = this.#choice;
    const { making } = this.#studio;
    const { on: filming, frames } = this.#filming;
    const noiseOn = making ? null : this.scene?.perturbation;
    const { samples, coming } = this.#pictures;
    const score = this.#scores.of(noiseOn?.id ?? inUse?.id ?? '');
    return html`<live-figure
        .scene=${this.scene}
        .coming=${coming}
        .universal=${inUse}
        .wanted=${wanted}
        .shipped=${noises?.shipped ?? []}
        .own=${noises?.own ?? []}
        .attack=${this.#attack.now}
        .making=${making}
        .noise=${noise}
        .target=${this.settings.target}
        .engine=${this.engine}
        .networkId=${this.network}
        .levels=${strength}
        .network=${this.engine?.network.title ?? 'EfficientNet-Lite0'}
        .switching=${this.switching}
        .device=${this.engine?.device ?? null}
        .checked=${this.engine?.checked ?? true}
        .wish=${this.settings.device}
        .progress=${this.progress}
        .beside=${this.beside}
        .trouble=${this.trouble}
        .score=${score}
        .filming=${filming}
        .rate=${this.#filming.rate}
        .frames=${noiseOn ? frames : { fooled: 0, seen: 0 }}
        @noise=${(/** @type {CustomEvent} */ event) => this.#set({ noise: event.detail })}
        @strength=${(/** @type {CustomEvent} */ event) => this.#set({ strength: event.detail })}
        @class=${(/** @type {CustomEvent} */ event) => this.#set({ target: event.detail })}
        @which=${(/** @type {CustomEvent} */ event) => this.#choice.choose(event.detail)}
        @save=${(/** @type {CustomEvent} */ event) => this.#save(event.detail)}
        @workshop=${this.#openWorkshop}
        @smaller=${() => this.#smaller()}
        @stop=${() => this.#stop()}
        @finish=${() => this.#studio.finish()}
        @cancel=${() => this.#studio.cancel()}
      ></live-figure>
      ${
        hide.includes('pictures')
          ? nothing
          : html`<picture-source
              .engine=${this.engine}
              .network=${this.network}
              .samples=${samples}
              .chosen=${coming?.key ?? this.scene?.picture.key ?? ''}
              .cameras=${this.#filming.cameras}
              .camera=${this.#filming.camera}
              .running=${filming}
              .flips=${this.#filming.flips}
              @sample=${(/** @type {CustomEvent} */ event) => this.#chosen(event.detail)}
              @file=${(/** @type {CustomEvent} */ event) => this.#takeFiles(event.detail)}
              @camera=${(/** @type {CustomEvent} */ event) => this.#startCamera(event.detail)}
              @flip=${() => this.#startCamera('', true)}
              @camera-stop=${() => this.#filming.stop()}
            ></picture-source>`
      }
      <live-further
        .engine=${this.engine}
        .network=${this.network}
        .scene=${this.scene}
        .settings=${this.settings}
        .filming=${filming}
      ></live-further>
      <noise-workshop
        .engine=${this.engine}
        .network=${this.network}
        .samples=${samples}
        .own=${noises?.own ?? []}
        .read=${(/** @type {File} */ file) => this.#choice.read(file)}
        @make=${(/** @type {CustomEvent} */ event) => this.#studio.make(event.detail)}
        @forget=${(/** @type {CustomEvent} */ event) => this.#choice.forget(event.detail)}
        @closed=${() => this.#filmAgain && this.#startCamera()}
      ></noise-workshop>`;
  }

  updated() {
    const { scene } = this;
    const waiting = this.#pictures.coming || this.switching || !scene?.clean;
    this.dataset.state = this.#attack.now ? 'attacking' : waiting ? 'waiting' : 'answered';
    const { making, counting } = this.#studio;
    this.dataset.making = making ? 'yes' : counting ? 'counting' : 'no';
    this.dataset.answers = String(this.#answers);
    this.dataset.picture = scene?.picture.key ?? '';
    this.dataset.noise = scene?.noise ?? 'none';
    this.dataset.fooled = String(scene?.fooled ?? false);
  }

  // ---- pictures

  /** The visitor chose: on a phone the choice stands below the figure. @param {string} id */
  #chosen(id) {
    this.#pictures.choose(id);
    this.#reveal();
  }

  /** Brings the figure into sight, where its picture or its sum is out of it. */
  #reveal() {
    const figure = this.querySelector('.equation');
    if (!figure) return;
    const { top, bottom } = figure.getBoundingClientRect();
    if (top < 0 || (bottom > innerHeight && top > 16)) figure.scrollIntoView({ block: 'start' });
  }

  /** @param {Arrival} arrival */
  #takeFiles(arrival) {
    if (this.#workshop?.isOpen) return this.#workshop.add(arrival);
    const noise = arrival.files.find(isNoise);
    if (noise) this.#takeNoise(noise);
    this.#reveal();
    return this.#pictures.takeFiles(arrival);
  }

  /** @param {Shown} picture @param {string} sample */
  #took(picture, sample) {
    this.#filming.stop();
    this.#attack.stop();
    this.#set({ sample });
    return this.#show(picture);
  }

  // ---- answers

  /** @param {Shown} picture */
  #show(picture) {
    this.#attack.stop();
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
    const { engine, network, settings } = this;
    const { making } = this.#studio;
    if (!engine?.device) return;
    const current = () => network === this.network && engine === this.engine;
    try {
      const wanted = { engine, settings, choice: this.#choice, making };
      const { scene, counts } = await sceneOf(wanted, seen);
      if (current()) {
        if (counts) this.#count(scene, seen);
        else this.#replace(scene, seen);
        const searches = !making && settings.noise === 'deepfool';
        if (searches && 'pixels' in seen && seen.kind !== 'camera')
          await this.#deepfool(engine, seen);
      }
      this.#answers += 1;
      this.requestUpdate();
      this.#told.settle('answer');
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      // Asked of a network that has gone, or of a worker that has: the next one is asked anew.
      if (current() && name !== 'Stopped')
        this.#told.explain('answer', message, () => this.#redo());
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
    const scene = await this.#attack.run(engine, picture, this.settings.target);
    if (scene) this.scene = scene;
  }

  /** A smaller noise than there is, shown as it is found. */
  async #smaller() {
    const { engine, scene } = this;
    if (!engine || !scene?.norms) return;
    try {
      await this.#attack.smaller(engine, scene, (smaller) => (this.scene = smaller));
      this.#told.settle('smaller');
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.#told.explain('smaller', message, () => this.#smaller());
    }
  }

  /** @param {Scene} scene @param {Shown | Filmed} seen */
  #count(scene, seen) {
    const id = scene.perturbation?.id ?? '';
    if (this.scene?.perturbation?.id !== id) this.#filming.recount();
    this.#replace(scene, seen);
    if (scene.strength === 0) return;
    if (scene.picture.kind === 'camera') this.#filming.record(scene.fooled);
    else this.#scores.record(scene);
  }

  /** What runs ends. @returns {boolean} whether anything did */
  #stop() {
    if (this.#attack.finish()) return true;
    if (this.#attack.stop()) {
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
      this.#told.settle('noise-file');
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.#told.explain('noise-file', message);
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

  /** @param {string} [id] @param {boolean} [flip] to the other side of a phone */
  async #startCamera(id, flip = false) {
    if (!this.engine) {
      this.#told.explain('camera', WEBCAM_NOT_READY);
      return;
    }
    try {
      await (flip ? this.#filming.flip() : this.#filming.start(id));
    } catch (error) {
      this.#told.explain('camera', /** @type {Error} */ (error).message);
      return;
    }
    this.#told.settle('camera');
    this.#asked = null;
    this.#reveal();
    this.#pictures.stop();
    this.#attack.stop();
    const { noise } = this.settings;
    this.#set({ sample: OWN_PICTURE, noise: noise === 'deepfool' ? 'none' : noise });
  }

  /** @param {CameraFrame} frame */
  async #showFrame(frame) {
    const engine = /** @type {Engine} */ (this.engine);
    const { about, mirrored: mirror } = this.#filming;
    if (engine.device)
      return this.#refresh({ ...about, frame, mirror, spare: this.#filming.takeSpare() });
    const pixels = await engine.loadPicture(frame, { mirror });
    if (this.#filming.on) this.scene = bareScene({ ...about, pixels });
    return undefined;
  }

  // ---- the rest

  /** @param {string} what */
  async #save(what) {
    if (!this.engine || !this.scene) return;
    try {
      await saveFile(what, this.engine, this.scene);
      this.#told.settle('save');
    } catch (error) {
      this.#told.explain('save', /** @type {Error} */ (error).message, () => this.#save(what));
    }
  }

  /** @param {Partial<Settings>} change */
  #set(change) {
    // DeepFool belongs to one picture: asked for while filming, it takes this frame.
    if (change.noise === 'deepfool') this.#filming.stop();
    if (change.noise === 'deepfool' && this.scene?.picture.kind === 'camera') {
      const { picture } = this.scene;
      this.scene = { ...this.scene, picture: { ...picture, kind: 'own', title: FILM.frame } };
    }
    this.tell('settings', change);
  }

  get #workshop() {
    return /** @type {NoiseWorkshop | null} */ (this.querySelector('noise-workshop'));
  }
}

customElements.define('live-exhibit', LiveExhibit);

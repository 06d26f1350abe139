/**
 * The first exhibit: a picture, a noise, their sum, and what the classifier says
 * to both. This element keeps what is shown; the figure draws it.
 */
import { html, nothing } from 'lit';
import { latestOnly } from '../../latest.js';
import { Part } from '../../parts/part.js';
import { listenForFiles } from '../../parts/intake.js';
import '../../parts/picture-source.js';
import { madeText } from '../../words.js';
import { Camera } from './camera.js';
import './figure.js';
import { begin, counted, make, reached } from './making.js';
import { Noises } from './noises.js';
import { Rate } from './rate.js';
import { saveFile } from './save.js';
import { bareScene, cleanScene, deepfoolScene, levelsOf, universalScene } from './scene.js';
import { Score } from './score.js';
import './workshop.js';
import './live.css';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { CameraFrame, DeepfoolProgress, Perturbation, Picture, PictureSource, Progress } from '../../engine/types.js'
 * @import { Sample } from '../../parts/picture-source.js'
 * @import { Settings } from '../../state.js'
 * @import { CameraChoice } from './camera.js'
 * @import { Making } from './making.js'
 * @import { OwnNoise } from './noises.js'
 * @import { Filmed, Scene, Shown } from './scene.js'
 * @import { NoiseWorkshop, Order } from './workshop.js'
 */

/** Of how many frames the camera's share of fooled ones is told. */
const FRAMES = 60;

export class LiveExhibit extends Part {
  static properties = {
    engine: { attribute: false },
    settings: { attribute: false },
    progress: { attribute: false },
    trouble: {},
    scene: { state: true },
    samples: { state: true },
    universal: { state: true },
    attack: { state: true },
    making: { state: true },
    cameras: { state: true },
    filming: { state: true },
  };

  #camera = new Camera();
  #rate = new Rate();
  /** By the id of the noise. @type {Map<string, Score>} */
  #scores = new Map();
  /** @type {boolean[]} */
  #frames = [];
  /** How often the camera was started: an earlier film ends, however late its last answer comes. */
  #films = 0;
  /** What held earlier frames, to be filled again. @type {Picture['rgba'][]} */
  #spare = [];
  /** @type {Noises | null} */
  #noises = null;
  /** Ends the count of whom a new noise fools, should the page go. @type {AbortController | null} */
  #counting = null;
  /** The camera was on when the workshop was opened. */
  #filmAgain = false;
  /** Lets the camera take its next frame while a noise is made. */
  #grown = () => {};
  /** Whatever is being loaded when another picture is chosen. @type {AbortController | null} */
  #loading = null;
  /** What is shown, to be read again by another network. @type {[PictureSource, Omit<Shown, 'pixels'>] | null} */
  #taken = null;
  #stopListening = () => {};
  #pasted = 0;
  /** How many scenes were answered, for whoever measures. */
  #answers = 0;
  #refresh = latestOnly((/** @type {Shown | Filmed} */ seen) => this.#compute(seen));

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** @type {Settings} */
    this.settings = /** @type {Settings} */ ({});
    /** @type {Progress | null} */
    this.progress = null;
    /** @type {string | null} */
    this.trouble = null;
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {Sample[]} */
    this.samples = [];
    /** The chosen universal noise; null if there is none (yet). @type {Perturbation | OwnNoise | null} */
    this.universal = null;
    /** A DeepFool that is running. @type {{ controller: AbortController, progress: DeepfoolProgress | null } | null} */
    this.attack = null;
    /** A noise of the visitor's own that is being made. @type {Making | null} */
    this.making = null;
    /** @type {CameraChoice[]} */
    this.cameras = [];
    this.filming = false;
    this.#camera.ended = () => this.#endCamera('The camera was disconnected.');
  }

  connectedCallback() {
    super.connectedCallback();
    this.#stopListening = listenForFiles(
      (file) => (this.#workshop?.isOpen ? this.#workshop.add([file]) : this.#takeFile(file)),
      (sentence) => this.#explain(sentence),
    );
    document.addEventListener('visibilitychange', this.#hidden);
    this.#readSamples();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stopListening();
    document.removeEventListener('visibilitychange', this.#hidden);
    this.#endCamera();
    this.attack?.controller.abort();
    this.making?.cancelled.abort();
    this.#counting?.abort();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('engine')) {
      this.making?.cancelled.abort();
      this.#counting?.abort();
      this.attack?.controller.abort();
      this.#loading?.abort();
      if (this.filming) this.#endCamera();
      // Another network sees pictures at another size.
      this.scene = null;
    }
    if (changed.has('engine') && this.engine) {
      this.#noises = null;
      this.universal = null;
      this.#loadUniversal();
      if (this.#taken) this.#take(...this.#taken);
      else if (this.samples.length) this.#chooseSample(this.settings.sample);
    }
    const before = /** @type {Settings | undefined} */ (changed.get('settings'));
    if (!before?.noise) return;
    const { noise, universal, strength, sample } = this.settings;
    if (universal !== before.universal) this.#loadUniversal();
    if (sample && sample !== before.sample) this.#chooseSample(sample);
    else if (noise !== before.noise || strength !== before.strength) this.#redo();
  }

  /** Called when the classifier has arrived. */
  classifierReady() {
    this.#redo();
  }

  /** Called when another device answers from here on. What took long is not done again. */
  deviceChanged() {
    if (this.settings.noise === 'deepfool' || this.making || this.filming) this.requestUpdate();
    else this.#redo();
  }

  render() {
    const { noise, strength, hide } = this.settings;
    const noiseOn = this.making ? null : this.scene?.perturbation;
    const score = this.#scores.get(noiseOn?.id ?? this.universal?.id ?? '');
    return html`<live-figure
        .scene=${this.scene}
        .universal=${this.universal}
        .shipped=${this.#noises?.shipped ?? []}
        .own=${this.#noises?.own ?? []}
        .attack=${this.attack}
        .making=${this.making}
        .noise=${noise}
        .levels=${strength}
        .network=${this.engine?.network.title ?? 'EfficientNet-Lite0'}
        .device=${this.engine?.device ?? null}
        .wish=${this.settings.device}
        .progress=${this.progress}
        .trouble=${this.trouble}
        .score=${{ fooled: score?.fooled ?? 0, seen: score?.seen ?? 0 }}
        .filming=${this.filming}
        .rate=${Math.round(this.#rate.perSecond)}
        .frames=${{ fooled: this.#frames.filter(Boolean).length, seen: noiseOn ? this.#frames.length : 0 }}
        @noise=${(/** @type {CustomEvent} */ event) => this.#set({ noise: event.detail })}
        @strength=${(/** @type {CustomEvent} */ event) => this.#set({ strength: event.detail })}
        @which=${(/** @type {CustomEvent} */ event) => this.#choose(event.detail)}
        @save=${(/** @type {CustomEvent} */ event) => this.#save(event.detail)}
        @workshop=${this.#openWorkshop}
        @finish=${() => this.making?.finished.abort()}
        @cancel=${() => this.making?.cancelled.abort()}
      ></live-figure>
      ${
        hide.includes('pictures')
          ? nothing
          : html`<picture-source
              .samples=${this.samples}
              .chosen=${this.scene?.picture.kind === 'sample' ? this.scene.picture.key : ''}
              .cameras=${this.cameras}
              .camera=${this.#camera.id}
              .running=${this.filming}
              @sample=${(/** @type {CustomEvent} */ event) => this.#chooseSample(event.detail)}
              @file=${(/** @type {CustomEvent} */ event) => this.#takeFile(event.detail)}
              @camera=${(/** @type {CustomEvent} */ event) => this.#startCamera(event.detail)}
              @camera-stop=${() => this.#endCamera()}
            ></picture-source>`
      }
      <noise-workshop
        .engine=${this.engine}
        .samples=${this.samples}
        .own=${this.#noises?.own ?? []}
        .read=${(/** @type {File} */ file) => this.#readNoise(file)}
        @make=${(/** @type {CustomEvent} */ event) => this.#make(event.detail)}
        @forget=${(/** @type {CustomEvent} */ event) => this.#forget(event.detail)}
        @closed=${() => this.#filmAgain && this.#startCamera()}
      ></noise-workshop>`;
  }

  updated() {
    const { scene } = this;
    this.dataset.state = this.attack ? 'attacking' : scene?.clean ? 'answered' : 'waiting';
    this.dataset.making = this.making ? 'yes' : this.#counting ? 'counting' : 'no';
    this.dataset.answers = String(this.#answers);
    this.dataset.picture = scene?.picture.key ?? '';
    this.dataset.noise = scene?.noise ?? 'none';
    this.dataset.fooled = String(scene?.fooled ?? false);
  }

  // ---- pictures

  async #readSamples() {
    try {
      const response = await fetch('samples/credits.json');
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      this.samples = await response.json();
    } catch {
      this.#explain('The sample photos could not be downloaded. Choose a photo of your own.');
      return;
    }
    if (this.engine) this.#chooseSample(this.settings.sample);
  }

  /** @param {string} id an unknown one gives the first */
  #chooseSample(id) {
    const sample = this.samples.find((each) => each.id === id) ?? this.samples[0];
    if (!sample || (this.scene?.picture.key === sample.id && !this.filming)) return;
    this.#take(new URL(`samples/${sample.file}`, document.baseURI), {
      key: sample.id,
      title: sample.title,
      kind: 'sample',
    });
  }

  /** @param {File} file */
  async #takeFile(file) {
    if (file.name.endsWith('.npy')) return this.#takeNoise(file);
    const key = `${file.name}-${file.size}-${file.lastModified || ++this.#pasted}`;
    return this.#take(file, { key, title: file.name || 'Your picture', kind: 'own' });
  }

  /**
   * @param {PictureSource} source
   * @param {Omit<Shown, 'pixels'>} about
   */
  async #take(source, about) {
    if (!this.engine) {
      this.#explain('The page is still starting. Choose the picture again in a moment.');
      return;
    }
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    try {
      const pixels = await this.engine.loadPicture(source, { signal });
      signal.throwIfAborted();
      this.#endCamera();
      this.#taken = [source, about];
      this.#set({ sample: about.kind === 'sample' ? about.key : '' });
      await this.#show({ ...about, pixels });
    } catch (error) {
      if (!signal.aborted) this.#explain(/** @type {Error} */ (error).message);
    }
  }

  // ---- answers

  /** @param {Shown} picture */
  #show(picture) {
    this.attack?.controller.abort();
    if (!this.engine?.device) this.scene = bareScene(picture);
    return this.#refresh(picture);
  }

  /** The camera's next frame comes anyway. */
  #redo() {
    if (this.scene && !this.filming) this.#show(this.scene.picture);
  }

  /** @param {Shown | Filmed} seen */
  async #compute(seen) {
    const { engine, universal, making } = this;
    if (!engine?.device) return;
    const { noise, strength } = this.settings;
    try {
      if (making?.grown) {
        const { grown } = making;
        const scene = await universalScene(engine, seen, 'universal', grown, levelsOf(grown));
        this.#replace(scene, seen);
      } else if (making) {
        this.#replace(await cleanScene(engine, seen), seen);
      } else if ((noise === 'universal' || noise === 'random') && universal && this.#noises) {
        const shown = noise === 'random' ? await this.#noises.random(universal) : universal;
        this.#count(await universalScene(engine, seen, noise, shown, strength), seen);
      } else {
        this.#replace(await cleanScene(engine, seen), seen);
        if (noise === 'deepfool' && 'pixels' in seen && seen.kind !== 'camera')
          await this.#deepfool(seen);
      }
      this.#answers += 1;
      this.requestUpdate();
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      if (name === 'Stopped') this.tell('stopped', error);
      else this.#explain(message);
    }
  }

  /** @param {Scene} scene @param {Shown | Filmed} seen */
  #replace(scene, seen) {
    const before = this.scene;
    if ('pixels' in seen) this.scene = scene;
    // Too late once the visitor has stopped the camera, perhaps to keep what it showed last.
    else if (this.filming) {
      this.scene = scene;
      if (before?.picture.kind !== 'camera') return;
      this.#spare.push(before.picture.pixels.rgba);
      if (before.sum) this.#spare.push(before.sum.rgba);
    }
  }

  /** @param {Shown} picture */
  async #deepfool(picture) {
    const engine = /** @type {Engine} */ (this.engine);
    const controller = new AbortController();
    this.attack = { controller, progress: null };
    try {
      const found = await engine.deepfool(picture.pixels, {
        signal: controller.signal,
        onProgress: (progress) => (this.attack = { controller, progress }),
      });
      this.scene = await deepfoolScene(engine, picture, found);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      this.attack = null;
    }
  }

  /** @param {Scene} scene @param {Shown | Filmed} seen */
  #count(scene, seen) {
    const id = scene.perturbation?.id ?? '';
    if (this.scene?.perturbation?.id !== id) this.#frames = [];
    this.#replace(scene, seen);
    const { picture, fooled, strength } = scene;
    if (strength === 0) return;
    const score = this.#scores.get(id) ?? new Score();
    this.#scores.set(id, score);
    if (picture.kind === 'camera') {
      this.#frames.push(fooled);
      if (this.#frames.length > FRAMES) this.#frames.shift();
    } else {
      score.record(picture.key, fooled);
    }
  }

  // ---- noise

  /** The noise that is chosen, once what there is has been read. */
  async #loadUniversal() {
    const engine = /** @type {Engine} */ (this.engine);
    const { universal } = this.settings;
    try {
      const noises = this.#noises ?? new Noises(engine);
      const first = this.#noises ? await noises.load(universal) : await noises.open(universal);
      if (this.engine !== engine || this.settings.universal !== universal) return;
      this.#noises = noises;
      if (this.universal?.id === first?.id && this.universal) return;
      this.universal = first;
      if (this.settings.noise === 'universal' || this.settings.noise === 'random') this.#redo();
    } catch (error) {
      this.#explain(`The universal noise is missing. ${/** @type {Error} */ (error).message}`);
    }
  }

  /** @param {string} id of a universal noise, or `random` */
  async #choose(id) {
    if (id === 'random') return this.#set({ noise: 'random' });
    try {
      const noise = await this.#noises?.load(id);
      if (noise) this.#use(noise);
    } catch (error) {
      this.#explain(/** @type {Error} */ (error).message);
    }
    return undefined;
  }

  /** Shows a noise as it was made. @param {Perturbation} noise */
  #use(noise) {
    this.universal = noise;
    this.#set({ noise: 'universal', universal: noise.id, strength: levelsOf(noise) });
    this.#redo();
  }

  /** @param {File} file */
  async #takeNoise(file) {
    try {
      await this.#readNoise(file);
    } catch (error) {
      this.#explain(/** @type {Error} */ (error).message);
    }
  }

  /** A noise from a file of the visitor's. @param {File} file */
  async #readNoise(file) {
    if (!this.engine?.device || !this.scene || !this.#noises) {
      throw new Error('The classifier is still loading. Choose the noise again in a moment.');
    }
    const { pixels } = this.scene.picture;
    // The camera would take a frame of its own back meanwhile.
    const picture = { ...pixels, rgba: pixels.rgba.slice() };
    const noise = await this.#noises.read(file, picture);
    const kept = this.#keep(noise);
    this.#use(noise);
    await kept;
  }

  /** @param {OwnNoise} noise */
  async #keep(noise) {
    const trouble = await this.#noises?.keep(noise);
    this.requestUpdate();
    if (trouble) this.#explain(trouble);
    return !trouble;
  }

  /** @param {string} id */
  async #forget(id) {
    await this.#noises?.forget(id);
    this.#scores.delete(id);
    if (this.settings.universal === id) this.#set({ universal: '' });
    else if (this.universal?.id === id) this.#loadUniversal();
    this.requestUpdate();
  }

  // ---- a noise of the visitor's own

  #openWorkshop() {
    this.#filmAgain = this.filming;
    this.#endCamera();
    this.#workshop?.show();
  }

  /** @param {Order} order */
  async #make(order) {
    const { engine } = this;
    const noises = this.#noises;
    if (!engine || !noises || this.making) return;
    this.#counting?.abort();
    const making = (this.making = begin(order));
    this.#redo();
    try {
      const result = await make(engine, making, (next) => {
        const grew = next.grown !== this.making?.grown;
        this.making = next;
        if (!grew) return;
        if (this.filming) this.#grown();
        else this.#redo();
      });
      const counting = (this.#counting = new AbortController());
      this.making = null;
      const noise = noises.made({
        data: /** @type {Float32Array<ArrayBuffer>} */ (result.perturbation),
        norm: result.norm,
        radius: reached(result),
        ownText: order.ownText,
        othersText: order.othersText,
      });
      const kept = this.#keep(noise);
      this.#use(noise);
      const isKept = await kept;
      await this.#countFooled(noise, order, isKept, counting);
    } catch (error) {
      this.making = null;
      this.#redo();
      if (!making.cancelled.signal.aborted) this.#explain(/** @type {Error} */ (error).message);
    } finally {
      this.#grown();
    }
  }

  /**
   * @param {OwnNoise} noise
   * @param {Order} order
   * @param {boolean} isKept for later visits
   * @param {AbortController} counting
   */
  async #countFooled(noise, order, isKept, counting) {
    const engine = /** @type {Engine} */ (this.engine);
    const noises = /** @type {Noises} */ (this.#noises);
    const { signal } = counting;
    try {
      const whole = await counted(engine, noises, noise, order, signal);
      // It may have been forgotten meanwhile.
      if (!noises.own.some(({ id }) => id === noise.id)) return;
      if (this.universal === noise) this.universal = whole;
      if (isKept) await this.#keep(whole);
      else await noises.keep(whole);
      if (whole.counts && isKept)
        this.tell('notice', { text: madeText(whole.counts), kind: 'news' });
    } catch (error) {
      if (!signal.aborted) this.#explain(/** @type {Error} */ (error).message);
    } finally {
      if (this.#counting === counting) this.#counting = null;
      this.requestUpdate();
    }
  }

  // ---- camera

  /** @param {string} [id] */
  async #startCamera(id) {
    if (!this.engine) return;
    try {
      await this.#camera.start(id);
    } catch (error) {
      this.#endCamera();
      this.#explain(/** @type {Error} */ (error).message);
      return;
    }
    this.#loading?.abort();
    this.attack?.controller.abort();
    this.#frames = [];
    this.#rate = new Rate();
    this.filming = true;
    this.#set({
      sample: '',
      noise: this.settings.noise === 'deepfool' ? 'none' : this.settings.noise,
    });
    this.cameras = await Camera.list();
    this.#film();
  }

  /** One frame after the other, always the newest, never a queue. */
  async #film() {
    const film = (this.#films += 1);
    while (this.#camera.running && film === this.#films) {
      // While a noise is made, the time is for that: one frame each time it is shown.
      if (this.making) await new Promise((resolve) => (this.#grown = () => resolve(undefined)));
      const frame = await this.#camera.nextFrame();
      if (!frame) continue;
      try {
        await this.#showFrame(frame);
        this.#rate.tick(performance.now());
      } catch (error) {
        this.#endCamera(/** @type {Error} */ (error).message);
      } finally {
        frame.close(); // Nothing is left here of one that was handed on.
      }
    }
  }

  /** @param {CameraFrame} frame */
  async #showFrame(frame) {
    const engine = /** @type {Engine} */ (this.engine);
    const about = {
      key: 'camera',
      title: 'The webcam, mirrored',
      kind: /** @type {const} */ ('camera'),
    };
    if (engine.device) return this.#refresh({ ...about, frame, spare: this.#spare.splice(0) });
    const pixels = await engine.loadPicture(frame, { mirror: true });
    if (this.#camera.running) this.scene = bareScene({ ...about, pixels });
    return undefined;
  }

  /** @param {string} [why] told where it was not the visitor who ended it */
  #endCamera(why) {
    this.#camera.stop();
    this.#spare = [];
    this.#grown();
    if (!this.filming) return;
    this.filming = false;
    if (why) this.#explain(why);
  }

  #hidden = () => {
    if (document.hidden) {
      this.#endCamera('The webcam was stopped while the page was hidden. Press Webcam to go on.');
    }
  };

  // ---- the rest

  /** @param {string} what */
  async #save(what) {
    if (!this.engine || !this.scene) return;
    try {
      await saveFile(what, this.engine, this.scene);
    } catch (error) {
      this.#explain(/** @type {Error} */ (error).message);
    }
  }

  /** @param {Partial<Settings>} change */
  #set(change) {
    // DeepFool belongs to one picture: asked for while filming, it takes this frame.
    if (change.noise === 'deepfool') this.#endCamera();
    if (change.noise === 'deepfool' && this.scene?.picture.kind === 'camera') {
      const { picture } = this.scene;
      this.scene = { ...this.scene, picture: { ...picture, kind: 'own', title: 'A webcam frame' } };
    }
    this.tell('settings', change);
  }

  get #workshop() {
    return /** @type {NoiseWorkshop | null} */ (this.querySelector('noise-workshop'));
  }

  /** @param {string} text one sentence */
  #explain(text) {
    this.tell('notice', { text, kind: 'trouble' });
  }
}

customElements.define('live-exhibit', LiveExhibit);

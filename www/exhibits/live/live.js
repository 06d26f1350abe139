/**
 * The first exhibit: a picture, a noise, their sum, and what the classifier says
 * to both. This element keeps what is shown; the figure draws it.
 */
import { html, nothing } from 'lit';
import { latestOnly } from '../../latest.js';
import { Part } from '../../parts/part.js';
import { listenForFiles } from '../../parts/intake.js';
import '../../parts/picture-source.js';
import { Camera } from './camera.js';
import './figure.js';
import { Rate } from './rate.js';
import { saveFile } from './save.js';
import { bareScene, cleanScene, deepfoolScene, universalScene } from './scene.js';
import { Score } from './score.js';
import './live.css';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { DeepfoolProgress, Perturbation, PictureSource, Progress } from '../../engine/types.js'
 * @import { Sample } from '../../parts/picture-source.js'
 * @import { Settings } from '../../state.js'
 * @import { CameraChoice } from './camera.js'
 * @import { Scene, Shown } from './scene.js'
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
    cameras: { state: true },
    filming: { state: true },
  };

  #camera = new Camera();
  #rate = new Rate();
  #score = new Score();
  /** @type {boolean[]} */
  #frames = [];
  /** Whatever is being loaded when another picture is chosen. @type {AbortController | null} */
  #loading = null;
  #stopListening = () => {};
  #pasted = 0;
  /** How many scenes were answered, for whoever measures. */
  #answers = 0;
  #refresh = latestOnly((/** @type {Shown} */ picture) => this.#compute(picture));

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
    /** The universal noise; null if there is none (yet). @type {Perturbation | null} */
    this.universal = null;
    /** A DeepFool that is running. @type {{ controller: AbortController, progress: DeepfoolProgress | null } | null} */
    this.attack = null;
    /** @type {CameraChoice[]} */
    this.cameras = [];
    this.filming = false;
    this.#camera.ended = () => this.#endCamera('The camera was disconnected.');
  }

  connectedCallback() {
    super.connectedCallback();
    this.#stopListening = listenForFiles(
      (file) => this.#takeFile(file),
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
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('engine') && this.engine) {
      this.#loadUniversal();
      if (this.samples.length) this.#chooseSample(this.settings.sample);
    }
    const before = /** @type {Settings | undefined} */ (changed.get('settings'));
    if (!before?.noise) return;
    const { noise, strength, sample } = this.settings;
    if (sample && sample !== before.sample) this.#chooseSample(sample);
    else if (noise !== before.noise || strength !== before.strength) this.#redo();
  }

  /** Called when the classifier has arrived, or moved to another device. */
  classifierReady() {
    this.#redo();
  }

  render() {
    const { noise, strength, hide } = this.settings;
    return html`<live-figure
        .scene=${this.scene}
        .universal=${this.universal}
        .attack=${this.attack}
        .noise=${noise}
        .levels=${strength}
        .network=${this.engine?.network.title ?? 'EfficientNet-Lite0'}
        .device=${this.engine?.device ?? null}
        .progress=${this.progress}
        .trouble=${this.trouble}
        .score=${{ fooled: this.#score.fooled, seen: this.#score.seen }}
        .filming=${this.filming}
        .rate=${Math.round(this.#rate.perSecond)}
        .frames=${{ fooled: this.#frames.filter(Boolean).length, seen: this.settings.noise === 'universal' ? this.#frames.length : 0 }}
        @noise=${(/** @type {CustomEvent} */ event) => this.#set({ noise: event.detail })}
        @strength=${(/** @type {CustomEvent} */ event) => this.#set({ strength: event.detail })}
        @save=${(/** @type {CustomEvent} */ event) => this.#save(event.detail)}
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
      }`;
  }

  updated() {
    const { scene } = this;
    this.dataset.state = this.attack ? 'attacking' : scene?.clean ? 'answered' : 'waiting';
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
    if (file.name.endsWith('.npy')) {
      this.#takeNoise(file);
      return;
    }
    const key = `${file.name}-${file.size}-${file.lastModified || ++this.#pasted}`;
    await this.#take(file, { key, title: file.name || 'Your picture', kind: 'own' });
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

  #redo() {
    if (this.scene) this.#show(this.scene.picture);
  }

  /** @param {Shown} picture */
  async #compute(picture) {
    const { engine, universal } = this;
    if (!engine?.device) return;
    const { noise, strength } = this.settings;
    try {
      if (noise === 'universal' && universal) {
        this.scene = await universalScene(engine, picture, universal, strength);
        this.#count(this.scene);
      } else {
        this.scene = await cleanScene(engine, picture);
        if (noise === 'deepfool' && picture.kind !== 'camera') await this.#deepfool(picture);
      }
      this.#answers += 1;
      this.requestUpdate();
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      if (name === 'Stopped') this.tell('stopped', error);
      else this.#explain(message);
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

  /** @param {Scene} scene */
  #count({ picture, fooled, strength }) {
    if (strength === 0) return;
    if (picture.kind === 'camera') {
      this.#frames.push(fooled);
      if (this.#frames.length > FRAMES) this.#frames.shift();
    } else {
      this.#score.record(picture.key, fooled);
    }
  }

  // ---- noise

  async #loadUniversal() {
    const engine = /** @type {Engine} */ (this.engine);
    try {
      const [first] = await engine.perturbations();
      if (!first) return;
      this.universal = await engine.loadPerturbation(first.id);
      if (this.settings.noise === 'universal') this.#redo();
    } catch (error) {
      this.#explain(`The universal noise is missing. ${/** @type {Error} */ (error).message}`);
    }
  }

  /** A noise of the visitor's own, in place of the universal one. @param {File} file */
  async #takeNoise(file) {
    const { engine, scene } = this;
    if (!engine?.device || !scene) {
      this.#explain('The classifier is still loading. Choose the noise again in a moment.');
      return;
    }
    try {
      const data = await engine.readPerturbation(new Uint8Array(await file.arrayBuffer()));
      const { norms } = await engine.classify(scene.picture.pixels, { perturbation: data });
      const radius = norms?.linf || 1;
      this.universal = {
        id: file.name,
        network: engine.network.id,
        file: file.name,
        norm: 'linf',
        radius,
        title: file.name,
        foolingRate: { own: NaN, others: NaN },
        data,
      };
      this.#score = new Score();
      this.#set({ noise: 'universal', strength: Math.min(20, radius) });
      this.#redo();
    } catch (error) {
      this.#explain(/** @type {Error} */ (error).message);
    }
  }

  // ---- camera

  /** @param {string | undefined} id */
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
    const engine = /** @type {Engine} */ (this.engine);
    while (this.#camera.running) {
      const frame = await this.#camera.nextFrame();
      if (!frame) continue;
      try {
        const pixels = await engine.loadPicture(frame, { mirror: true });
        if (!this.#camera.running) return;
        await this.#show({ key: 'camera', title: 'The webcam, mirrored', kind: 'camera', pixels });
        this.#rate.tick(performance.now());
      } catch (error) {
        this.#endCamera(/** @type {Error} */ (error).message);
      }
    }
  }

  /** @param {string} [why] told where it was not the visitor who ended it */
  #endCamera(why) {
    this.#camera.stop();
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
      await saveFile(what, this.engine, this.scene, this.universal);
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

  /** @param {string} text one sentence */
  #explain(text) {
    this.tell('notice', { text, kind: 'trouble' });
  }
}

customElements.define('live-exhibit', LiveExhibit);

/**
 * Where somebody brings a network of their own: the file, what it is, how pixels go in, and the
 * networks that are kept. Events: `use` and `forget` (id), `notice`.
 */
import { html, nothing } from 'lit';
import { asSentence } from '../engine/errors.js';
import { Part } from '../parts/part.js';
import '../parts/progress-line.js';
import { photographed, readPhotos } from '../pictures/samples.js';
import { Task } from '../task.js';
import * as words from '../words/bring.js';
import { CLOSE } from '../words/common.js';
import { bringForm, wrongText } from './bring-form.js';
import { firstWishes, optionsOf, wrongIn } from './bring-wishes.js';
import './bring.css';
import '../parts/dialog.css';
import { ownNetworks } from './own-networks.js';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { NetworkImport } from '../engine/import.js'
 * @import { ImportProgress, PresetProposal, StorageFigures } from '../engine/types.js'
 * @import { Field, Wishes, Wrong } from './bring-wishes.js'
 */

/** What answers are compared with. */
const KNOWN = 'efficientnet-lite0';

export class BringDialog extends Part {
  static properties = {
    engine: { attribute: false },
    used: {},
    step: { state: true },
    progress: { state: true },
    trouble: { state: true },
    wishes: { state: true },
    wrong: { state: true },
    proposal: { state: true },
    skipped: { state: true },
    figures: { state: true },
  };

  #task = new Task(() => this.requestUpdate());
  #trial = new Task(() => this.requestUpdate());
  /** @type {NetworkImport | null} */
  #import = null;

  constructor() {
    super();
    /** @type {Engine | null} */
    this.engine = null;
    /** The id of the network in use. */
    this.used = '';
    /** @type {'choose' | 'reading' | 'form' | 'keeping'} */
    this.step = 'choose';
    /** @type {ImportProgress | null} */
    this.progress = null;
    this.trouble = '';
    /** @type {Wishes | null} */
    this.wishes = null;
    /** @type {Wrong} */
    this.wrong = {};
    /** @type {PresetProposal | null} */
    this.proposal = null;
    this.skipped = false;
    /** @type {StorageFigures | null} */
    this.figures = null;
  }

  /** @param {File[]} [files] that were dropped */
  async show(files = []) {
    await this.updateComplete;
    const dialog = this.querySelector('dialog');
    if (!dialog?.open) dialog?.showModal();
    this.#measure();
    if (files.length) await this.#take(files);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#drop();
  }

  render() {
    return html`<dialog
      class="bring"
      aria-labelledby="bring-heading"
      data-step=${this.step}
      @close=${() => this.#drop()}
    >
      <div class="dialog-head">
        <h2 id="bring-heading" tabindex="-1">${words.TITLE}</h2>
        <form method="dialog"><button>${CLOSE}</button></form>
      </div>
      ${this.trouble ? html`<p class="bring-trouble" role="alert">${this.trouble}</p>` : nothing}
      ${this.#body()}
    </dialog>`;
  }

  #body() {
    if (this.step === 'choose') return this.#choose();
    if (this.step === 'form') return this.#form();
    return this.#waiting();
  }

  #choose() {
    const networks = this.engine?.networks.filter(({ own }) => own) ?? [];
    return html`<p>${words.ABOUT}</p>
      <div class="dialog-buttons">
        <label class="button file-button">
          ${words.CHOOSE}
          <input
            id="bring-files"
            class="visually-hidden"
            type="file"
            multiple
            @change=${(/** @type {Event} */ event) => this.#chosen(event)}
          />
        </label>
      </div>
      <p class="fine">${words.OR_DROP}</p>
      ${ownNetworks({
        networks,
        used: this.used,
        figures: this.figures,
        use: (id) => {
          this.querySelector('dialog')?.close();
          this.tell('use', id);
        },
        forget: (id) => this.tell('forget', id),
      })}`;
  }

  #waiting() {
    const { progress } = this;
    const counted = progress && 'total' in progress && 'loaded' in progress;
    return html`<progress-line
        .text=${words.progressText(progress)}
        .value=${counted ? progress.loaded : 0}
        .max=${counted ? progress.total : 0}
      ></progress-line>
      <div class="dialog-buttons">
        <button type="button" id="bring-cancel" @click=${() => this.#restart()}>
          ${words.BACK}
        </button>
      </div>`;
  }

  #form() {
    const about = this.#import?.about;
    const { wishes } = this;
    if (!about || !wishes) return nothing;
    return html`<form
      class="bring-form"
      novalidate
      @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        this.#keep();
      }}
    >
      ${bringForm({
        about,
        wishes,
        wrong: this.wrong,
        proposal: this.proposal,
        trying: this.#trial.running ? (this.progress ?? { stage: 'reading' }) : null,
        skipped: this.skipped,
        known: this.engine?.networks.find(({ id }) => id === KNOWN)?.title ?? KNOWN,
        wish: (change) => this.#wish(change),
        skip: () => this.#trial.stop(),
        readNames: (file) => this.#readNames(file),
      })}
      <div class="dialog-buttons">
        ${wrongText(this.wrong, 'keep')}
        <button class="primary" id="bring-keep" ?disabled=${this.#trial.running}>
          ${words.KEEP}
        </button>
        <button type="button" id="bring-cancel" @click=${() => this.#restart()}>
          ${words.BACK}
        </button>
      </div>
    </form>`;
  }

  // ---- what happens

  /** @param {Event} event */
  #chosen(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    input.value = ''; // The same file can be chosen again.
    if (files.length) this.#take(files);
  }

  /** @param {File[]} files */
  async #take(files) {
    const { engine } = this;
    this.#drop();
    if (!engine) return;
    this.step = 'reading';
    try {
      const opened = await this.#task.run((signal) =>
        engine.importNetwork(files, { signal, onProgress: (at) => (this.progress = at) }),
      );
      if (!opened) return; // Others came meanwhile.
      this.#import = opened;
      this.wishes = firstWishes(opened.about);
      this.#enter('form');
      if (!opened.about.knowsPixels) await this.#try(opened);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {NetworkImport} opened */
  async #try(opened) {
    try {
      const found = await this.#trial.run(async (signal) => {
        const photos = (await readPhotos()).map(
          (photo) => /** @type {URL} */ (photographed(photo).source()),
        );
        return opened.propose(photos, { signal, onProgress: (at) => (this.progress = at) });
      });
      if (opened !== this.#import) return;
      this.proposal = found ?? null;
      this.skipped = !found;
      const proposed = found?.proposed;
      // What the visitor has chosen meanwhile stays.
      if (proposed && !this.wishes?.preset) this.#wish({ preset: proposed });
    } catch (error) {
      if (opened !== this.#import) return;
      if (isEnd(error)) return this.#fail(error);
      this.skipped = true;
      this.wrong = { ...this.wrong, preset: /** @type {Error} */ (error).message };
    }
    return undefined;
  }

  /** What was changed is no longer wrong. @param {Partial<Wishes>} change */
  #wish(change) {
    if (!this.wishes) return;
    this.wishes = { ...this.wishes, ...change };
    const mended = ['keep', ...Object.keys(change)];
    this.wrong = Object.fromEntries(
      Object.entries(this.wrong).filter(([field]) => !mended.includes(field)),
    );
  }

  /** Names of an earlier file are forgotten, whatever this one says. @param {File} file */
  async #readNames(file) {
    const opened = this.#import;
    if (!opened) return undefined;
    this.#wish({ names: 'text', text: '', read: [] });
    try {
      const text = await file.text();
      const read = await opened.readNames(text);
      if (opened === this.#import) this.#wish({ names: 'text', text, read });
    } catch (error) {
      if (opened !== this.#import) return undefined;
      if (isEnd(error)) return this.#fail(error);
      this.wrong = { ...this.wrong, names: /** @type {Error} */ (error).message };
      return this.#showWrong('names');
    }
    return undefined;
  }

  async #keep() {
    const [opened, { wishes }] = [this.#import, this];
    if (!opened || !wishes || this.#task.running) return undefined;
    this.wrong = { ...wrongIn(opened.about, wishes), ...this.#ofFile(wishes) };
    if (Object.keys(this.wrong).length) return this.#showWrong();
    const options = optionsOf(opened.about, wishes);
    try {
      const network = await this.#task.run(async (signal) => {
        await opened.check(options);
        this.progress = null;
        this.#enter('keeping');
        return opened.keep(options, { signal, onProgress: (at) => (this.progress = at) });
      });
      if (!network) return undefined;
      this.#import = null;
      this.querySelector('dialog')?.close();
      this.tell('use', network.id);
      const text = network.own?.kept ? '' : words.onlyHere(network.title);
      this.tell('notice', { about: 'own-network', text, kind: 'news' });
    } catch (error) {
      if (this.step !== 'form' || isEnd(error)) return this.#fail(error);
      // The check refused it: all is there still.
      this.wrong = { keep: /** @type {Error} */ (error).message };
    }
    return undefined;
  }

  /** Why the file of names could not be read says more than that there is none. @param {Wishes} wishes @returns {Wrong} */
  #ofFile({ names, read }) {
    const why = this.wrong.names;
    return names === 'text' && !read.length && why ? { names: why } : {};
  }

  /** The first field that is wrong, or this one, gets the focus, and comes into sight. @param {Field | ''} [field] */
  async #showWrong(field = '') {
    await this.updateComplete;
    /** @type {HTMLElement | null} */
    const input = this.querySelector(`[aria-describedby^="bring-wrong-${field}"]`);
    input?.focus();
    const said = input?.getAttribute('aria-describedby');
    this.querySelector(`#${said}`)?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#restart();
    this.trouble = asSentence(/** @type {Error} */ (error).message);
  }

  #restart() {
    this.#drop();
    this.#measure();
    this.querySelector('h2')?.focus();
  }

  /** Gives up what was begun. */
  #drop() {
    this.#task.stop();
    this.#trial.stop();
    this.#import?.close();
    this.#import = null;
    this.wishes = null;
    this.wrong = {};
    this.proposal = null;
    this.skipped = false;
    this.progress = null;
    this.trouble = '';
    this.step = 'choose';
  }

  /** The button that was pressed is gone: the focus goes to the heading. @param {BringDialog['step']} step */
  #enter(step) {
    this.step = step;
    this.trouble = '';
    this.querySelector('h2')?.focus();
  }

  async #measure() {
    this.figures = (await this.engine?.storage()) ?? null;
  }

  /** After the list of networks changed. */
  async again() {
    const focused = document.activeElement;
    this.requestUpdate();
    this.#measure();
    await this.updateComplete;
    // The button that was pressed went with its network.
    if (focused && !focused.isConnected) this.#focusList();
  }

  #focusList() {
    const next = [...this.querySelectorAll('[data-forget]')].at(-1) ?? this.querySelector('h2');
    /** @type {HTMLElement | null} */ (next)?.focus();
  }
}

/** Whether the import is gone: its worker ended, most often for want of memory. @param {unknown} error */
const isEnd = (error) => /** @type {Error} */ (error).name === 'Stopped';

customElements.define('bring-dialog', BringDialog);

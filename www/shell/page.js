/**
 * The page around the exhibits: it owns the settings (and with them the
 * address), the engine, and what is said over it.
 */
import { html, nothing } from 'lit';
import { html as staticHtml, unsafeStatic } from 'lit/static-html.js';
import { startEngine } from '../engine/engine.js';
import { asSentence } from '../engine/errors.js';
import { EXHIBITS } from '../exhibits/table.js';
import { NETWORK_FILES } from '../parts/intake.js';
import '../parts/notice-bar.js';
import { Part } from '../parts/part.js';
import { bringIntoRow } from '../parts/row.js';
import { fetched, keepForOffline } from '../offline/offline.js';
import { SHARED_QUERY, takeShared } from '../offline/shared.js';
import { pause } from '../pause.js';
import { atHand } from '../pictures/at-hand.js';
import { TABLE, readSettings, writeSettings } from '../state.js';
import { Task } from '../task.js';
import { DROP, TITLE as BRING_TITLE, forgotten, instead } from '../words/bring.js';
import { LANGUAGE, notDownloaded } from '../words/common.js';
import { TOUR_WORDS } from '../words/lessons.js';
import * as words from '../words/shell.js';
import { tellHeight } from './frame-height.js';
import { narrow, pageHeader } from './header.js';
import { shareLink } from './sharing.js';
import { hadTour } from './had-tour.js';
import { Presenter } from './presenter.js';
import './page.css';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { Offer, Progress } from '../engine/types.js'
 * @import { BringDialog } from './bring-dialog.js'
 * @import { LiveExhibit } from '../exhibits/live/live.js'
 * @import { NoticeBar } from '../parts/notice-bar.js'
 * @import { Settings } from '../state.js'
 * @import { PageTour } from './tour.js'
 */

export class FoolscopePage extends Part {
  static properties = {
    settings: { state: true },
    engine: { state: true },
    progress: { state: true },
    beside: { state: true },
    switching: { state: true },
    trouble: { state: true },
    presenting: { state: true },
    receiving: { state: true },
    offers: { state: true },
  };

  #presenter = new Presenter(() => this.#presented());
  #notices = /** @type {NoticeBar} */ (document.createElement('notice-bar'));
  /** Another network that was chosen: a later choice replaces it. */
  #moving = new Task();
  #opened = false;

  constructor() {
    super();
    this.settings = readSettings(location.search);
    /** @type {Engine | null} */
    this.engine = null;
    /** @type {Progress | null} */
    this.progress = null;
    /** Something large that nobody waits for. @type {Progress | null} */
    this.beside = null;
    /** The id of a network that is on its way while another one answers. */
    this.switching = '';
    /** Why there is no classifier, in a sentence. @type {string | null} */
    this.trouble = null;
    this.presenting = false;
    /** Networks that this site lists. @type {Offer[]} */
    this.offers = [];
    /** A shared picture is on its way: the exhibit begins with it. */
    this.receiving = new URLSearchParams(location.search).has(SHARED_QUERY);
  }

  connectedCallback() {
    super.connectedCallback();
    document.documentElement.lang = LANGUAGE;
    document.body.append(this.#notices);
    tellHeight(this);
    addEventListener(NETWORK_FILES, (event) =>
      this.#bring(/** @type {CustomEvent} */ (event).detail),
    );
    narrow.addEventListener('change', () => this.requestUpdate());
    addEventListener('popstate', () => this.#apply(readSettings(location.search)));
    this.#apply(this.settings);
    this.#begin();
  }

  /** What is done once, in the order in which a visitor needs it. */
  async #begin() {
    const plain = location.search === '';
    const shared = this.receiving ? await takeShared(document.baseURI) : null;
    if (shared) {
      atHand.take({
        key: `${shared.name}-${shared.size}-shared`,
        title: shared.name || words.SHARED_PICTURE,
        kind: 'own',
        preview: '',
        source: shared,
      });
    }
    this.receiving = false;
    await this.#start();
    await asides();
    // Who followed a link wants to see what it leads to.
    if (plain && !shared && window.parent === window && !hadTour() && this.engine?.device)
      this.#tour?.start();
    await keepForOffline({
      used: async () => {
        const all = [...fetched(), ...((await this.engine?.fetched()) ?? [])];
        // A network of the site's list is kept as such.
        return all.filter((address) => !this.offers.some(({ url }) => url === address));
      },
      newer: (take) =>
        this.#notices.show({
          about: 'version',
          text: words.NEWER,
          kind: 'offer',
          action: words.OPEN_NEWER,
          again: take,
        }),
    });
  }

  render() {
    const { settings, presenting } = this;
    const hidden = (/** @type {string} */ part) => settings.hide.includes(part) || presenting;
    return html`${
        hidden('header')
          ? nothing
          : pageHeader({
              settings,
              network: this.engine?.network ?? null,
              networks: this.#usable,
              offers: this.#offered,
              bring: () => this.#bring(),
              switching: this.switching !== '',
              addressOf: (id) => this.#addressOf(id),
              follow: (event, id) => this.#follow(event, id),
              useNetwork: (id) => this.#useNetwork(id),
              nextTheme: () => this.#nextTheme(),
              present: () => this.#presenter.enter(),
            })
      }
      <main id="main">
        ${
          hidden('header')
            ? html`<h1 class="visually-hidden">Foolscope</h1>`
            : html`<h1 class="question">${this.#exhibit.question}</h1>`
        }
        ${this.receiving ? nothing : this.#shown()}
      </main>
      ${
        presenting
          ? html`<button
              type="button"
              class="leave"
              aria-label=${words.LEAVE}
              @click=${() => this.#presenter.leave()}
            >
              <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d="m3.5 3.5 9 9M12.5 3.5l-9 9" />
              </svg>
              <span>${words.LEAVE}</span>
            </button>`
          : nothing
      }
      ${hidden('footer') ? nothing : this.#footer()}
      <embed-dialog></embed-dialog>
      <credits-dialog></credits-dialog>
      <bring-dialog
        .engine=${this.engine}
        .used=${this.engine?.network.id ?? ''}
        @use=${(/** @type {CustomEvent} */ event) => this.#useNetwork(event.detail, true)}
        @forget=${(/** @type {CustomEvent} */ event) => this.#forget(event.detail)}
        @notice=${(/** @type {CustomEvent} */ event) => this.#notices.show(event.detail)}
      ></bring-dialog>
      <page-tour
        @settings=${(/** @type {CustomEvent} */ event) => this.#change(event.detail)}
      ></page-tour>
      <div class="drop-hint" aria-hidden="true">${DROP}</div>`;
  }

  #shown() {
    const { settings } = this;
    const tag = unsafeStatic(this.#exhibit.tag);
    return staticHtml`<${tag}
          .engine=${this.engine}
          .network=${this.engine?.network.id ?? ''}
          .switching=${this.#titleOf(this.switching)}
          .settings=${settings}
          .ready=${Boolean(this.engine?.device)}
          .progress=${this.progress}
          .beside=${this.beside}
          .trouble=${this.trouble}
          @settings=${(/** @type {CustomEvent} */ event) => this.#change(event.detail)}
          @go=${(/** @type {CustomEvent} */ event) => this.#go(event.detail)}
          @notice=${(/** @type {CustomEvent} */ event) => this.#notices.show(event.detail)}
          @device=${(/** @type {CustomEvent} */ event) => this.#useDevice(event.detail)}
          @retry=${this.#retry}
          @share=${this.#share}
          @embed=${() => this.#dialog('embed-dialog')}
        ></${tag}>`;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    // With the layout of the next frame, and not one before it.
    if (changed.has('settings'))
      requestAnimationFrame(() => bringIntoRow(this.querySelector('.header nav a[aria-current]')));
    // A visitor's choice moves the menu at once; if it cannot be had, the menu moves back.
    const menu = this.querySelector('select#network');
    if (menu instanceof HTMLSelectElement)
      menu.value = this.switching || (this.engine?.network.id ?? '');
  }

  get #exhibit() {
    return EXHIBITS.find(({ id }) => id === this.settings.exhibit) ?? EXHIBITS[0];
  }

  /** @param {string} exhibit */
  #addressOf(exhibit) {
    return `${location.pathname}${writeSettings({ ...this.settings, exhibit })}`;
  }

  /** A step in the browser's history, unless it is to open elsewhere. @param {MouseEvent} event @param {string} exhibit */
  async #follow(event, exhibit) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (exhibit !== this.settings.exhibit) await this.#go({ exhibit });
  }

  /** Another exhibit, with some of the settings. @param {Partial<Settings>} change */
  async #go(change) {
    await this.#live?.leaveExhibit();
    const settings = { ...this.settings, ...change };
    history.pushState(null, '', `${location.pathname}${writeSettings(settings)}`);
    this.#apply(settings);
  }

  /** Downloads what the exhibit needs. Its element stands there already, and fills when that has come. */
  async #open() {
    const { id, title, load = first } = this.#exhibit;
    try {
      await pause();
      await load();
      this.#notices.show({ about: 'exhibit', text: '' });
    } catch {
      if (id !== this.settings.exhibit) return;
      this.#notices.show({
        about: 'exhibit',
        text: notDownloaded(title),
        again: () => this.#open(),
      });
    }
  }

  get #usable() {
    return this.engine?.networks.filter(({ weightFile }) => weightFile) ?? [];
  }

  /** Those of the site's list that are not here yet. */
  get #offered() {
    return this.offers.filter((offer) => !this.#usable.some(({ id }) => id === offer.id));
  }

  /** @param {string} id of a network */
  #titleOf(id) {
    const all = [...this.#usable, ...this.offers];
    return all.find((network) => network.id === id)?.title ?? '';
  }

  #footer() {
    return html`<footer class="footer">
      <p>
        ${words.after(
          html`<a href="https://arxiv.org/abs/1511.04599">${words.PAPERS.deepfool}</a>`,
          html`<a href="https://arxiv.org/abs/1610.08401">${words.PAPERS.universal}</a>`,
        )}
      </p>
      <p class="footer-links">
        <button type="button" class="link" @click=${this.#startTour}>${TOUR_WORDS.again}</button>
        <a href="teach.html">${words.TEACHERS}</a>
        <button type="button" class="link" @click=${() => this.#dialog('credits-dialog')}>
          ${words.CREDITS}
        </button>
      </p>
    </footer>`;
  }

  // ---- the engine

  async #start() {
    this.engine?.dispose();
    this.engine = null;
    this.#tellWaiting();
    const { network, device, inject } = this.settings;
    try {
      const engine = await startEngine({
        network,
        device,
        inject,
        onProgress: (progress) => this.#progressed(progress),
      });
      if (!engine.networks.some(({ id, weightFile }) => id === network && weightFile)) {
        engine.dispose();
        const usual = TABLE.network.default.toString();
        const { title } = engine.networks.find(({ id }) => id === usual) ?? engine.network;
        this.#change({ network: usual });
        await this.#start();
        if (this.#offered.some(({ id }) => id === network)) return this.#useNetwork(network);
        const own = network.startsWith('own-');
        const text = own ? instead(title) : words.noSuchNetwork(network, title);
        return this.#notices.show({ about: 'network', text });
      }
      engine.addEventListener('devicechange', () => this.#deviceChanged());
      engine.addEventListener('networks', () => this.#networksChanged());
      engine.addEventListener('stopped', (event) =>
        this.#stopped(/** @type {CustomEvent} */ (event).detail),
      );
      this.engine = engine;
      window.foolscope = { engine, settings: this.settings };
      const offers = this.#readOffers(engine);
      await engine.ready;
      await offers;
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
    }
    return undefined;
  }

  /** A list that cannot be read is news to who wrote it; without a network there is none. @param {Engine} engine */
  async #readOffers(engine) {
    try {
      this.offers = await engine.offers();
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      if (name !== 'DownloadFailed')
        this.#notices.show({ about: 'offers', text: asSentence(message) });
    }
  }

  async #retry() {
    if (!this.engine) return this.#start();
    this.#tellWaiting();
    try {
      await this.engine.load();
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
    }
  }

  /** @param {Progress} progress */
  #progressed(progress) {
    if (progress.stage === 'beside') this.beside = progress;
    else this.progress = progress;
  }

  /** The worker died. @param {{ message: string, again: boolean }} why */
  #stopped({ message, again }) {
    if (!again) return this.#fail(new Error(message));
    this.#tellWaiting();
    this.#notices.show({
      about: 'engine',
      text: words.startedAgain(asSentence(message)),
      kind: 'news',
    });
    return this.engine?.ready.catch((error) => this.#fail(error));
  }

  /**
   * Until the other network is there, and if it cannot be had, this one goes on.
   * @param {string} network
   * @param {boolean} [anew] also the one in use, which was brought once more
   */
  async #useNetwork(network, anew = false) {
    const { engine } = this;
    if (!engine) return;
    // While another is on its way it is not known which one answers: the last wish comes last.
    if (network === engine.network.id && !anew && !this.#moving.running) return;
    this.switching = network;
    this.progress = null;
    try {
      const there = await this.#moving.run(async (signal) => {
        await this.#live?.leaveNetwork();
        signal.throwIfAborted();
        const offer = this.#offered.find(({ id }) => id === network);
        if (offer) await this.#fetch(engine, offer, signal);
        await engine.useNetwork(network, { signal });
        return true;
      });
      if (!there) return; // Another was chosen.
      this.#change({ network });
      this.trouble = null;
      this.#notices.show({ about: 'network', text: '' });
    } catch (error) {
      this.#notices.show({
        about: 'network',
        text: words.goesOn(asSentence(/** @type {Error} */ (error).message), engine.network.title),
        again: () => this.#useNetwork(network, anew),
      });
    }
    this.switching = '';
  }

  /** One of the site's list. @param {Engine} engine @param {Offer} offer @param {AbortSignal} signal */
  async #fetch(engine, offer, signal) {
    await engine.fetchNetwork(offer, {
      signal,
      onProgress: (at) => {
        const [loaded, total] = 'loaded' in at ? [at.loaded, at.total] : [0, null];
        const file = offer.title;
        this.progress = { stage: 'download', file, loaded, total, cached: at.stage !== 'download' };
      },
    });
  }

  /** @param {File[]} [files] that were dropped */
  async #bring(files) {
    try {
      await import(/* webpackChunkName: "bring" */ './bring-dialog.js');
      await this.#bringDialog?.show(files);
    } catch {
      this.#notices.show({
        about: 'exhibit',
        text: notDownloaded(BRING_TITLE),
        again: () => this.#bring(files),
      });
    }
  }

  /** The one in use goes too: then the usual one answers. @param {string} id */
  async #forget(id) {
    const { engine } = this;
    const title = this.#titleOf(id);
    try {
      if (engine?.network.id === id) await this.#useNetwork(TABLE.network.default.toString());
      await engine?.forgetNetwork(id);
      this.#notices.show({ about: 'own-network', text: forgotten(title), kind: 'news' });
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.#notices.show({ about: 'own-network', text: asSentence(message) });
    }
  }

  #networksChanged() {
    this.requestUpdate();
    this.#bringDialog?.again?.();
  }

  get #bringDialog() {
    return /** @type {BringDialog | null} */ (this.querySelector('bring-dialog'));
  }

  #deviceChanged() {
    const first = document.documentElement.dataset.ready !== 'yes';
    const before = document.documentElement.dataset.device;
    const device = this.engine?.device;
    if (!device) return;
    this.trouble = null;
    document.documentElement.dataset.ready = 'yes';
    document.documentElement.dataset.device = device.kind;
    // A GPU that was wanted or used, and is not, is news; the rest stands beside the answer.
    const wish = this.settings.device;
    const unwished = wish === 'gpu' || (wish === 'auto' && before === 'gpu');
    if (!first && device.kind === 'cpu' && unwished) {
      this.#notices.show({ about: 'device', text: device.reason, kind: 'news' });
    }
    this.requestUpdate();
    this.#live?.requestUpdate();
    if (first) this.#live?.classifierReady?.();
    else this.#live?.deviceChanged?.();
  }

  /** @param {Settings['device']} device what the visitor wants */
  async #useDevice(device) {
    this.#change({ device });
    try {
      await this.engine?.useDevice(device);
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
    }
  }

  #tellWaiting() {
    this.progress = null;
    this.trouble = null;
    document.documentElement.dataset.ready = 'loading';
  }

  /** @param {Error} error */
  #fail(error) {
    this.trouble = asSentence(error.message);
    document.documentElement.dataset.ready = 'failed';
  }

  // ---- settings

  /** @param {Partial<Settings>} change */
  #change(change) {
    const settings = { ...this.settings, ...change };
    history.replaceState(null, '', `${location.pathname}${writeSettings(settings)}`);
    this.#apply(settings);
  }

  /** @param {Settings} settings */
  #apply(settings) {
    const moved = settings.exhibit !== this.settings.exhibit || !this.#opened;
    this.settings = settings;
    if (moved) this.#open();
    this.#opened = true;
    document.documentElement.dataset.theme = settings.theme;
    document.title = words.windowTitle(this.#exhibit.title);
    if (window.foolscope) window.foolscope.settings = settings;
  }

  #nextTheme() {
    const entry = TABLE.theme;
    const values = entry.type === 'choice' ? entry.values : [];
    const next = values[(values.indexOf(this.settings.theme) + 1) % values.length];
    this.#change({ theme: /** @type {Settings['theme']} */ (next) });
  }

  async #share() {
    const notice = await shareLink(this.settings, this.engine);
    if (notice) this.#notices.show(notice);
  }

  /** The focus goes where the visitor can go back from. */
  async #presented() {
    this.presenting = this.#presenter.on;
    await this.updateComplete;
    const button = this.querySelector(this.presenting ? '.leave' : '#present');
    if (document.activeElement === document.body)
      /** @type {HTMLElement | null} */ (button)?.focus();
  }

  /** @param {string} name of a dialog's element */
  async #dialog(name) {
    await asides();
    /** @type {(Element & { show(): void }) | null} */ (this.querySelector(name))?.show();
  }

  /** It begins at the first exhibit. */
  async #startTour() {
    if (this.settings.exhibit !== 'live') {
      history.pushState(null, '', this.#addressOf('live'));
      this.#apply({ ...this.settings, exhibit: 'live' });
      await this.updateComplete;
    }
    await asides();
    this.#tour?.start();
  }

  get #tour() {
    return /** @type {PageTour | null} */ (this.querySelector('page-tour'));
  }

  get #live() {
    return /** @type {LiveExhibit | null} */ (this.querySelector('live-exhibit'));
  }
}

// Both are in the page's own file, and begun when they are wanted.
const first = () => import(/* webpackMode: "eager" */ '../exhibits/live/live.js');
const asides = () => import(/* webpackMode: "eager" */ './asides.js');

customElements.define('foolscope-page', FoolscopePage);

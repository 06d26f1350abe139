/** The benchmark as a visitor sees it: a choice, one button, a table that fills, and the numbers to take away. */
import { html, nothing } from 'lit';
import { Part } from '../parts/part.js';
import '../parts/progress-line.js';
import './bench.css';
import './bench-table.js';
import { COLUMNS } from './columns.js';
import { here } from './device.js';
import { NETWORKS } from './peers/networks.js';
import { json, report } from './report.js';
import { runBench } from './run.js';
import { readSettings } from './settings.js';

/** @import { Cell } from './run.js' */

export class BenchPage extends Part {
  static properties = {
    state: { state: true },
    cells: { state: true },
    chosen: { state: true },
    network: { state: true },
    progress: { state: true },
    here: { state: true },
    error: { state: true },
    copied: { state: true },
  };

  #settings = readSettings(location.search);
  /** @type {AbortController | null} */
  #stop = null;

  constructor() {
    super();
    /** @type {'idle' | 'running' | 'done' | 'stopped' | 'failed'} */
    this.state = 'idle';
    /** @type {Cell[]} */
    this.cells = [];
    this.chosen = new Set(this.#settings.columns.map(({ id }) => id));
    this.network = this.#settings.network;
    this.progress = { done: 0, total: 0, text: '' };
    /** @type {import('./device.js').Here | null} */
    this.here = null;
    this.error = '';
    this.copied = false;
  }

  connectedCallback() {
    super.connectedCallback();
    const { theme } = this.#settings;
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
    here().then((found) => (this.here = found));
  }

  get #columns() {
    return COLUMNS.filter(({ id }) => this.chosen.has(id));
  }

  render() {
    this.dataset.state = this.state;
    const running = this.state === 'running';
    return html`<header class="header">
        <a class="wordmark" href="./">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <rect width="16" height="16" rx="3" />
            <path d="M16 0v13a3 3 0 0 1-3 3H0z" />
          </svg>
          Foolscope
        </a>
      </header>
      <main>
        <h1>How fast is it on this device?</h1>
        <p class="lead">
          The classifier and the attacks of this page, timed here, in your browser. Other libraries
          can run the same network beside it, with the same weights and the same photo. Nothing is
          sent anywhere.
        </p>
        ${this.#here()}
        <form @submit=${this.#start}>
          ${this.#networks(running)} ${this.#choices(running)}
          <div class="actions">
            ${
              running
                ? html`<button type="button" id="stop" @click=${() => this.#stop?.abort()}>
                    Stop
                  </button>`
                : html`<button class="primary" id="start" ?disabled=${!this.chosen.size}>
                    ${this.cells.length ? 'Start again' : 'Start'}
                  </button>`
            }
            <p class="fine">
              It takes some minutes. Close other tabs, and leave this one in front.
            </p>
          </div>
        </form>
        ${this.#status()}
        ${
          this.cells.length || running
            ? html`<bench-table
                .cells=${this.cells}
                .columns=${this.#columns}
                .rows=${this.#settings.rows}
              ></bench-table>`
            : nothing
        }
        ${this.cells.length && !running ? this.#result() : nothing}
      </main>`;
  }

  #here() {
    if (!this.here) return nothing;
    const { machine, browser, adapter } = this.here;
    return html`<dl class="here">
      <div>
        <dt>Device</dt>
        <dd>${machine}</dd>
      </div>
      <div>
        <dt>Browser</dt>
        <dd>${browser}</dd>
      </div>
      <div>
        <dt>GPU</dt>
        <dd>${adapter}</dd>
      </div>
    </dl>`;
  }

  /** @param {boolean} running */
  #networks(running) {
    return html`<label class="pick"
      >Network
      <select
        id="network"
        ?disabled=${running}
        @change=${(/** @type {Event} */ event) =>
          (this.network = /** @type {HTMLSelectElement} */ (event.target).value)}
      >
        ${Object.keys(NETWORKS).map(
          (id) => html`<option value=${id} ?selected=${id === this.network}>${id}</option>`,
        )}
      </select></label
    >`;
  }

  /** @param {boolean} running */
  #choices(running) {
    const box = (/** @type {import('./columns.js').Column} */ column) =>
      html`<label
        ><input
          type="checkbox"
          name="column"
          value=${column.id}
          ?disabled=${running}
          .checked=${this.chosen.has(column.id)}
          @change=${this.#choose}
        />
        ${column.own ? column.title : `${column.by}, ${column.title}`}
        ${
          column.downloads ? html`<span class="fine">${column.downloads} MB</span>` : nothing
        }</label
      >`;
    return html`<div class="choices">
      <fieldset>
        <legend>Foolscope</legend>
        ${COLUMNS.filter(({ own }) => own).map(box)}
      </fieldset>
      <fieldset>
        <legend>Beside it, downloaded only if you tick it</legend>
        ${COLUMNS.filter(({ own }) => !own).map(box)}
      </fieldset>
    </div>`;
  }

  #status() {
    const { done, total, text } = this.progress;
    switch (this.state) {
      case 'running':
        return html`<progress-line
          .text=${total ? `${done} of ${total}. ${text}` : text}
          .value=${done}
          .max=${total}
        ></progress-line>`;
      case 'done':
        return html`<p role="status">Done: ${this.cells.length} measurements.</p>`;
      case 'stopped':
        return html`<p role="status">Stopped after ${done} of ${total}.</p>`;
      case 'failed':
        return html`<p role="alert">${this.error}</p>`;
      default:
        return nothing;
    }
  }

  #result() {
    return html`<section class="result" aria-labelledby="json-title">
      <h2 id="json-title">The numbers, to take away</h2>
      <textarea
        id="json"
        class="snippet"
        readonly
        rows="10"
        aria-label="All measurements as JSON"
        .value=${this.#json}
      ></textarea>
      <div class="actions">
        <button id="copy" @click=${this.#copy}>${this.copied ? 'Copied' : 'Copy'}</button>
        <button id="download" @click=${this.#download}>Download</button>
      </div>
    </section>`;
  }

  get #json() {
    const about = this.here ?? { machine: '', browser: '', adapter: '' };
    return json(report(about, this.network, this.cells));
  }

  /** @param {Event} event */
  #choose(event) {
    const { value, checked } = /** @type {HTMLInputElement} */ (event.target);
    const chosen = new Set(this.chosen);
    if (checked) chosen.add(value);
    else chosen.delete(value);
    this.chosen = chosen;
  }

  /** @param {Event} event */
  async #start(event) {
    event.preventDefault();
    this.#stop = new AbortController();
    this.cells = [];
    this.copied = false;
    this.progress = { done: 0, total: 0, text: '' };
    this.state = 'running';
    const { rows, repeats } = this.#settings;
    const { signal } = this.#stop;
    try {
      await runBench(
        { network: this.network, columns: this.#columns, rows, repeats },
        {
          signal,
          onProgress: (progress) => (this.progress = progress),
          onCell: (cell) => (this.cells = [...this.cells, cell]),
        },
      );
      this.state = 'done';
    } catch (error) {
      this.error = /** @type {Error} */ (error).message;
      this.state = signal.aborted ? 'stopped' : 'failed';
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#json);
      this.copied = true;
    } catch {
      // Not allowed here: then it is at least selected.
      /** @type {HTMLTextAreaElement | null} */ (this.querySelector('#json'))?.select();
    }
  }

  #download() {
    const url = URL.createObjectURL(new Blob([this.#json], { type: 'application/json' }));
    Object.assign(document.createElement('a'), {
      href: url,
      download: `foolscope-bench-${new Date().toISOString().slice(0, 10)}.json`,
    }).click();
    URL.revokeObjectURL(url);
  }
}

customElements.define('bench-page', BenchPage);

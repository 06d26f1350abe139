/** The lines that put this exhibit into another page, as it stands now. */
import { html } from 'lit';
import { Part } from '../parts/part.js';
import './dialog.css';

export class EmbedDialog extends Part {
  static properties = { snippet: { state: true }, copied: { state: true } };

  constructor() {
    super();
    this.snippet = '';
    this.copied = false;
  }

  show() {
    const url = new URL(location.href);
    url.searchParams.set('hide', 'header,footer');
    const address = url.href.replaceAll('%2C', ',').replaceAll('&', '&amp;');
    this.copied = false;
    this.snippet = `<iframe src="${address}"\n  title="Foolscope" width="100%" height="820" style="border: 0"\n  allow="camera; fullscreen; clipboard-write; web-share"></iframe>`;
    this.querySelector('dialog')?.showModal();
  }

  render() {
    return html`<dialog aria-labelledby="embed-title" closedby="any">
      <div class="dialog-head">
        <h2 id="embed-title">Put this exhibit into your page</h2>
        <form method="dialog"><button>Close</button></form>
      </div>
      <p>Paste these lines into the HTML of your page.</p>
      <textarea
        class="snippet"
        aria-label="Lines to paste"
        readonly
        spellcheck="false"
        .value=${this.snippet}
      ></textarea>
      <button type="button" class="primary" @click=${this.#copy}>
        ${this.copied ? 'Copied' : 'Copy'}
      </button>
    </dialog>`;
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.snippet);
      this.copied = true;
    } catch {
      // Not allowed in this frame: selected, it is one key press away.
      this.querySelector('textarea')?.select();
    }
  }
}

customElements.define('embed-dialog', EmbedDialog);

/** The lines that put this exhibit into another page, as it stands now; what is left out, and how it will look. */
import { html, nothing } from 'lit';
import { Part } from '../parts/part.js';
import { TABLE } from '../state.js';
import { CLOSE } from '../words/common.js';
import * as words from '../words/shell.js';
import '../parts/dialog.css';
import { ownNetwork } from './sharing.js';

/** Before it has said how high it is, and where scripts are not allowed. */
const HEIGHT = 820;
/** What it sends to say so. */
const MESSAGE = '{ foolscope: { height } }';

export class EmbedDialog extends Part {
  static properties = {
    hide: { state: true },
    copied: { state: true },
    preview: { state: true },
    height: { state: true },
  };

  constructor() {
    super();
    this.hide = ['header', 'footer'];
    this.copied = false;
    /** The address that the preview shows; none until it is asked for. */
    this.preview = '';
    this.height = HEIGHT;
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener('message', this.#heard);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('message', this.#heard);
  }

  show() {
    this.copied = false;
    this.preview = '';
    this.requestUpdate();
    this.querySelector('dialog')?.showModal();
  }

  render() {
    const own = ownNetwork(window.foolscope?.engine);
    const choices = TABLE.hide.type === 'list' ? (TABLE.hide.values ?? []) : [];
    return html`<dialog
      class="embed"
      aria-labelledby="embed-title"
      closedby="any"
      @close=${() => (this.preview = '')}
    >
      <div class="dialog-head">
        <h2 id="embed-title">${words.EMBED}</h2>
        <form method="dialog"><button>${CLOSE}</button></form>
      </div>
      <fieldset class="choices">
        <legend>${words.LEAVE_OUT}</legend>
        ${choices.map(
          (part) =>
            html`<label class="check">
              <input
                type="checkbox"
                value=${part}
                .checked=${this.hide.includes(part)}
                @change=${(/** @type {Event} */ event) => this.#choose(event)}
              />
              ${words.PARTS[part] ?? part}
            </label>`,
        )}
      </fieldset>
      <p>${words.pasteThese(html`<code>${MESSAGE}</code>`)}</p>
      ${own ? html`<p id="embed-own">${words.frameOnlyHere(own)}</p>` : nothing}
      <textarea
        class="snippet"
        aria-label=${words.LINES}
        readonly
        spellcheck="false"
        .value=${this.#snippet()}
      ></textarea>
      <div class="dialog-buttons">
        <button type="button" class="primary" @click=${this.#copy}>
          ${this.copied ? words.COPIED : words.COPY}
        </button>
        <button type="button" id="preview" @click=${this.#togglePreview}>
          ${this.preview ? words.CLOSE_PREVIEW : words.PREVIEW}
        </button>
      </div>
      ${
        this.preview
          ? html`<iframe
              class="embed-preview"
              src=${this.preview}
              title=${words.PREVIEW}
              height=${this.height}
            ></iframe>`
          : nothing
      }
    </dialog>`;
  }

  get #address() {
    const url = new URL(location.href);
    if (this.hide.length) url.searchParams.set('hide', this.hide.join(','));
    else url.searchParams.delete('hide');
    return url.href.replaceAll('%2C', ',');
  }

  #snippet() {
    const address = this.#address.replaceAll('&', '&amp;');
    return `<iframe src="${address}"
  title="Foolscope" width="100%" height="${HEIGHT}" style="border: 0"
  allow="camera; fullscreen; clipboard-write"></iframe>
<script>
  addEventListener('message', ({ source, data }) => {
    for (const frame of document.querySelectorAll('iframe'))
      if (frame.contentWindow === source && data?.foolscope) frame.height = data.foolscope.height;
  });
</script>`;
  }

  /** @param {Event} event */
  #choose(event) {
    const { value, checked } = /** @type {HTMLInputElement} */ (event.target);
    this.hide = [...this.hide.filter((part) => part !== value), ...(checked ? [value] : [])];
    this.copied = false;
    if (this.preview) this.preview = this.#address;
  }

  #togglePreview() {
    this.preview = this.preview ? '' : this.#address;
  }

  /** @param {MessageEvent} event */
  #heard = ({ source, data }) => {
    const frame = this.querySelector('iframe');
    if (frame && source === frame.contentWindow && data?.foolscope)
      this.height = data.foolscope.height;
  };

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#snippet());
      this.copied = true;
    } catch {
      // Not allowed in this frame: selected, it is one key press away.
      this.querySelector('textarea')?.select();
    }
  }
}

customElements.define('embed-dialog', EmbedDialog);

/** Who made the sample photos and the classifier, and under which licence. */
import { html } from 'lit';
import { asSentence } from '../engine/errors.js';
import { readPhotos } from '../pictures/samples.js';
import { Part } from '../parts/part.js';
import { CLOSE } from '../words/common.js';
import { PHOTOS } from '../words/pictures.js';
import * as words from '../words/shell.js';
import '../parts/dialog.css';

/** @import { Photo } from '../pictures/samples.js' */

export class CreditsDialog extends Part {
  static properties = {
    samples: { state: true },
    networks: { state: true },
    missing: { state: true },
  };

  constructor() {
    super();
    /** @type {Photo[]} */
    this.samples = [];
    this.missing = false;
    /** @type {import('../engine/types.js').NetworkInfo[]} */
    this.networks = [];
  }

  async show() {
    this.networks = (window.foolscope?.engine?.networks ?? []).filter(
      ({ weightFile, own }) => weightFile && !own,
    );
    this.querySelector('dialog')?.showModal();
    try {
      this.samples = await readPhotos();
      this.missing = false;
    } catch {
      this.missing = true;
    }
  }

  render() {
    return html`<dialog aria-labelledby="credits-title" closedby="any">
      <div class="dialog-head">
        <h2 id="credits-title">${words.CREDITS}</h2>
        <form method="dialog"><button>${CLOSE}</button></form>
      </div>
      <h3>${words.SAMPLE_PHOTOS}</h3>
      <ul class="credits">
        ${this.samples.map(
          (sample) =>
            html`<li>
              <img src=${sample.small} alt="" />
              <div>
                <p>${PHOTOS[sample.id] ?? sample.title}</p>
                <p class="fine">
                  ${words.credit(sample.author, sample.licence, html`<a href=${sample.source}>${words.SOURCE}</a>`)}
                </p>
              </div>
            </li>`,
        )}
      </ul>
      ${this.missing ? html`<p>${words.NO_LIST}</p>` : ''}
      <p>${words.DRAWN_HERE}</p>
      <h3>${words.CLASSIFIER}</h3>
      ${this.networks.map(
        (network) =>
          html`<p>${words.networkCredit(network, asSentence(plain(network.source)))}</p>`,
      )}
      <p>${words.LICENCE}</p>
      <p><a href="bench.html">${words.HOW_FAST}</a></p>
    </dialog>`;
  }
}

/** Names of commands need no quotes here. @param {string} text */
const plain = (text) => text.replaceAll('`', '');

customElements.define('credits-dialog', CreditsDialog);

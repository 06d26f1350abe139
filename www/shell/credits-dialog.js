/** Who made the sample photos and the classifier, and under which licence. */
import { html } from 'lit';
import { asSentence } from '../engine/errors.js';
import { readPhotos } from '../pictures/samples.js';
import { Part } from '../parts/part.js';
import './dialog.css';

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
      ({ weightFile }) => weightFile,
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
        <h2 id="credits-title">Credits</h2>
        <form method="dialog"><button>Close</button></form>
      </div>
      <h3>Sample photos</h3>
      <ul class="credits">
        ${this.samples.map(
          (sample) =>
            html`<li>
              <img src=${sample.small} alt="" />
              <div>
                <p>${sample.title}</p>
                <p class="fine">
                  ${sample.author}, ${sample.licence}. <a href=${sample.source}>Source</a>
                </p>
              </div>
            </li>`,
        )}
      </ul>
      ${this.missing ? html`<p>The list of the sample photos could not be downloaded.</p>` : ''}
      <p>The digits and the pictures of CIFAR-10’s classes are drawn by this page.</p>
      <h3>Classifier</h3>
      ${this.networks.map(
        (network) =>
          html`<p>
            ${network.title}, ${(network.parameters / 1e6).toFixed(1)} million parameters, trained
            on ${network.data}. ${network.licence}. ${asSentence(plain(network.source))}
          </p>`,
      )}
      <p>
        Foolscope itself is free software, under the MIT or the Apache 2.0 licence, as you prefer.
      </p>
      <p><a href="bench.html">How fast is it on this device?</a></p>
    </dialog>`;
  }
}

/** Names of commands need no quotes here. @param {string} text */
const plain = (text) => text.replaceAll('`', '');

customElements.define('credits-dialog', CreditsDialog);

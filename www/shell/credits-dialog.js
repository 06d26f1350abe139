/** Who made the sample photos and the classifier, and under which licence. */
import { html } from 'lit';
import { Part } from '../parts/part.js';
import './dialog.css';

/** @import { Sample } from '../parts/picture-source.js' */

export class CreditsDialog extends Part {
  static properties = { samples: { state: true }, networks: { state: true } };

  constructor() {
    super();
    /** @type {Sample[]} */
    this.samples = [];
    /** @type {import('../engine/types.js').NetworkInfo[]} */
    this.networks = [];
  }

  async show() {
    this.networks = (window.foolscope?.engine?.networks ?? []).filter(
      ({ weightFile }) => weightFile,
    );
    this.querySelector('dialog')?.showModal();
    try {
      this.samples = await (await fetch('samples/credits.json')).json();
    } catch {
      this.samples = [];
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
              <img src="samples/${sample.file}" alt="" />
              <div>
                <p>${sample.title}</p>
                <p class="fine">
                  ${sample.author}, ${sample.licence}. <a href=${sample.source}>Source</a>
                </p>
              </div>
            </li>`,
        )}
      </ul>
      <h3>Classifier</h3>
      ${this.networks.map(
        (network) =>
          html`<p>
            ${network.title}, ${(network.parameters / 1e6).toFixed(1)} million parameters, trained
            on ${network.data}. ${network.licence}. From ${network.source}.
          </p>`,
      )}
      <p>
        Foolscope itself is free software, under the MIT or the Apache 2.0 licence, as you prefer.
      </p>
      <p><a href="bench.html">How fast is it on this device?</a></p>
    </dialog>`;
  }
}

customElements.define('credits-dialog', CreditsDialog);

/** The networks that were brought, each with its size, to be used or forgotten; and the room there is. */
import { html, nothing } from 'lit';
import * as words from '../words/bring.js';

/**
 * @import { NetworkInfo, StorageFigures } from '../engine/types.js'
 *
 * @param {object} list
 * @param {NetworkInfo[]} list.networks
 * @param {string} list.used the id of the one in use
 * @param {StorageFigures | null} list.figures
 * @param {(id: string) => void} list.use
 * @param {(id: string) => void} list.forget
 */
export function ownNetworks({ networks, used, figures, use, forget }) {
  return html`<h3>${words.KEPT}</h3>
    ${
      networks.length
        ? html`<ul class="own-networks">
              ${networks.map(
                (network) =>
                  html`<li>
                    <div>
                      <p>${network.title}</p>
                      <p class="fine">
                        ${words.listed(network)}${network.own?.kept ? nothing : `, ${words.NOT_KEPT}`}
                      </p>
                    </div>
                    <div class="own-buttons">
                      ${
                        network.id === used
                          ? html`<span class="fine">${words.IN_USE}</span>`
                          : html`<button
                              type="button"
                              data-use=${network.id}
                              aria-label=${words.useOf(network.title)}
                              @click=${() => use(network.id)}
                            >
                              ${words.USE}
                            </button>`
                      }
                      <button
                        type="button"
                        data-forget=${network.id}
                        aria-label=${words.forgetOf(network.title)}
                        @click=${() => forget(network.id)}
                      >
                        ${words.FORGET}
                      </button>
                    </div>
                  </li>`,
              )}
            </ul>
            ${figures ? html`<p class="fine" id="own-storage">${words.stored(figures)}</p>` : nothing}`
        : html`<p class="fine">${words.NONE}</p>`
    }`;
}

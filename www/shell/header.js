/** The header: the exhibits, the network, the colours, and the way onto a stage. */
import { html, nothing, svg } from 'lit';
import { EXHIBITS } from '../exhibits/table.js';
import { BRING_OPTION, offerOption, ownOption, siteOption } from '../words/bring.js';
import * as words from '../words/shell.js';

/**
 * @import { NetworkInfo, Offer } from '../engine/types.js'
 * @import { Settings } from '../state.js'
 *
 * @typedef {object} Header
 * @property {Settings} settings
 * @property {NetworkInfo | null} network in use
 * @property {NetworkInfo[]} networks to choose from
 * @property {Offer[]} offers further ones of this site, to be downloaded
 * @property {() => void} bring one of the visitor's own
 * @property {boolean} switching another one is on its way
 * @property {(exhibit: string) => string} addressOf
 * @property {(event: MouseEvent, exhibit: string) => void} follow
 * @property {(network: string) => void} useNetwork
 * @property {() => void} nextTheme
 * @property {() => void} present
 */

/** @param {Header} page */
export function pageHeader(page) {
  const { settings } = page;
  const { theme } = settings;
  return html`<header class="header">
    <a class="wordmark" href=${location.pathname}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <rect width="16" height="16" rx="3" />
        <path d="M16 0v13a3 3 0 0 1-3 3H0z" />
      </svg>
      Foolscope
    </a>
    <nav aria-label=${words.EXHIBITS}>
      ${EXHIBITS.map(
        ({ id, title }) =>
          html`<a
            href=${page.addressOf(id)}
            aria-current=${id === settings.exhibit ? 'page' : nothing}
            @click=${(/** @type {MouseEvent} */ event) => page.follow(event, id)}
            >${title}</a
          >`,
      )}
    </nav>
    <div class="header-tools">
      ${networks(page)}
      <button
        type="button"
        class="quiet"
        id="theme"
        aria-label=${words.coloursLabel(theme)}
        title=${words.coloursTitle(theme)}
        @click=${page.nextTheme}
      >
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
          ${theme === 'auto' ? HALF : theme === 'dark' ? MOON : SUN}
        </svg>
      </button>
      <button
        type="button"
        class="quiet"
        id="present"
        aria-label=${words.PRESENT}
        title=${words.PRESENT}
        @click=${page.present}
      >
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" />
        </svg>
      </button>
    </div>
  </header>`;
}

/** The choice of network, where there is one. @param {Header} page */
function networks({ network, networks, offers, switching, useNetwork, bring }) {
  if (networks.length < 2) {
    return html`<span class="network" id="network"
      >${network?.title ?? 'EfficientNet-Lite0'}</span
    >`;
  }
  return html`<select
    id="network"
    aria-label=${words.NETWORK}
    aria-busy=${switching}
    @change=${(/** @type {Event} */ event) => {
      const menu = /** @type {HTMLSelectElement} */ (event.target);
      if (menu.value !== BRING) return useNetwork(menu.value);
      menu.value = network?.id ?? '';
      return bring();
    }}
  >
    ${networks.map((each) => html`<option value=${each.id}>${optionOf(each)}</option>`)}
    ${offers.map((offer) => html`<option value=${offer.id}>${offerOption(offer)}</option>`)}
    <option value=${BRING}>${BRING_OPTION}</option>
  </select>`;
}

/** The entry that opens the dialog; no network's id has such a sign. */
const BRING = '+';

/** Where the menu has what the header leaves. */
export const narrow = matchMedia('(width < 47rem)');

/** @param {NetworkInfo} network */
function optionOf(network) {
  const { id, title, own } = network;
  if (!own) return words.networkOption(network, narrow.matches);
  return id.startsWith('site-') ? siteOption(title) : ownOption(title);
}

/** @param {string} d */
const icon = (d) => svg`<path d=${d} />`;
const SUN = icon(
  'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1M8 14v1M1 8h1M14 8h1M3 3l.7.7M12.3 12.3l.7.7M13 3l-.7.7M3.7 12.3 3 13',
);
const MOON = icon('M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3Z');
const HALF = svg`<circle cx="8" cy="8" r="6" /><path d="M8 2a6 6 0 0 1 0 12Z" fill="currentColor" />`;

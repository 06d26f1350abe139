/**
 * Networks × networks: how many answers of one network a noise changes that was
 * made for another. A cell opens that pair in Live, where its noise is shipped.
 */
import { html, nothing } from 'lit';
import { percent, RESIZED } from '../../words/common.js';
import {
  MEASURED,
  PUBLISHED,
  TRANSFER,
  dataOf,
  intervalText,
  transferSentence,
} from '../../words/universal.js';
import { UniversalPart, commands } from './part.js';

/**
 * @import { PerturbationInfo } from '../../engine/types.js'
 * @import { Entry } from './results.js'
 *
 * @typedef {object} Cell
 * @property {string} from the network that the noise was made for
 * @property {string} on the one that it is tried on
 * @property {number} value
 * @property {string} [interval]
 * @property {number} [pictures]
 */

export class UniversalTransfer extends UniversalPart {
  static table = 'transfer';
  static properties = { ...UniversalPart.properties, noises: { state: true } };

  constructor() {
    super();
    /** The first shipped noise of each network. @type {Map<string, PerturbationInfo>} */
    this.noises = new Map();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('figures') || changed.has('engine')) this.#findNoises();
  }

  /** Which noise a cell can open. */
  async #findNoises() {
    const { engine } = this;
    if (!engine || !this.figures) return;
    const makers = new Set(this.figures.entries.map((entry) => cellOf(entry).from));
    for (const maker of makers) {
      const [first] = await engine.perturbations(maker).catch(() => []);
      if (first) this.noises = new Map(this.noises).set(maker, first);
    }
  }

  content() {
    const { entries, published } = /** @type {NonNullable<typeof this.figures>} */ (this.figures);
    const cells = entries.map(cellOf);
    const best = across(cells).sort((a, b) => b.value - a.value)[0];
    return html`<h3>${MEASURED}</h3>
      ${best ? html`<p id="transfer-sentence">${transferSentence(this.#titled(best))}</p>` : nothing}
      <div class="universal-tables">${this.#groups(cells)}</div>
      ${this.#mixesSizes(cells) ? html`<p class="fine">${RESIZED}</p>` : nothing}
      <p class="fine">${TRANSFER.sets} ${this.noises.size ? TRANSFER.hint : ''}</p>
      ${commands(entries.map(({ command }) => command))}
      <h3>${PUBLISHED}</h3>
      ${table(
        published.map(({ network, measure, value }) => ({
          from: network,
          on: measure.replace(/^fools /, ''),
          value,
        })),
        TRANSFER.publishedCaption,
        ({ value }) => percent(value),
        (name) => name,
      )}
      <p class="fine">${published[0]?.source ?? ''}</p>`;
  }

  /** Whether a noise was brought to another size. @param {Cell[]} cells */
  #mixesSizes(cells) {
    const side = (/** @type {string} */ id) =>
      this.engine?.networks.find((network) => network.id === id)?.side;
    return cells.some(({ from, on }) => side(from) !== side(on));
  }

  /** A table for each set of pictures. @param {Cell[]} cells */
  #groups(cells) {
    const data = (/** @type {Cell} */ { on }) => {
      const network = this.engine?.networks.find(({ id }) => id === on);
      return network ? dataOf(network) : '';
    };
    return [...new Set(cells.map(data))].map((set) =>
      table(
        cells.filter((cell) => data(cell) === set),
        TRANSFER.caption(set, cells.find((cell) => data(cell) === set)?.pictures ?? 0),
        (cell) => this.#figure(cell),
        (id) => this.#title(id),
      ),
    );
  }

  /** @param {Cell} cell */
  #figure(cell) {
    const noise = this.noises.get(cell.from);
    const text = percent(cell.value);
    if (!noise) return text;
    const { from, on } = this.#titled(cell);
    return html`<a href=${addressOf(cell, noise.id)} title=${TRANSFER.open(from, on)}
      >${text}<span class="visually-hidden">. ${TRANSFER.open(from, on)}</span></a
    >`;
  }

  /** @param {string} id */
  #title(id) {
    return this.engine?.networks.find((network) => network.id === id)?.title ?? id;
  }

  /** @param {Cell} cell */
  #titled({ from, on, value }) {
    const named = (/** @type {string} */ id) => {
      const network = this.engine?.networks.find((each) => each.id === id);
      return network ? `${network.title} (${dataOf(network)})` : id;
    };
    return { from: named(from), on: named(on), value };
  }
}

/** @param {Entry} entry whose measure is "A's fools B" @returns {Cell} */
function cellOf({ measure, value, low, high, count }) {
  const [from, on] = measure.split('’s fools ').flatMap((part) => part.split("'s fools "));
  const interval = low === undefined || high === undefined ? undefined : intervalText(low, high);
  return { from, on, value, interval, pictures: count };
}

/** @param {Cell[]} cells */
const across = (cells) => cells.filter(({ from, on }) => from !== on);

/** In Live, with the other network beside it where it is another one. @param {Cell} cell @param {string} noise */
function addressOf({ from, on }, noise) {
  const query = new URLSearchParams({ exhibit: 'live', network: from, noise: 'universal' });
  query.set('universal', noise);
  if (on !== from) query.set('beside', on);
  return `${location.pathname}?${query}`;
}

/**
 * @param {Cell[]} cells
 * @param {string} caption
 * @param {(cell: Cell) => unknown} figure
 * @param {(network: string) => string} title
 */
function table(cells, caption, figure, title) {
  const rows = [...new Set(cells.map(({ from }) => from))];
  const columns = [...new Set(cells.map(({ on }) => on))];
  return html`<div>
    <p class="fine">${caption}</p>
    <div class="universal-scroll" role="region" tabindex="0" aria-label=${caption}>
      <table class="universal-matrix">
        <caption class="visually-hidden">
          ${caption}
        </caption>
        <thead>
          <tr>
            <td></td>
            ${columns.map((on) => html`<th scope="col">${title(on)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (from) =>
              html`<tr>
                <th scope="row">${title(from)}</th>
                ${columns.map((on) => {
                  const cell = cells.find((each) => each.from === from && each.on === on);
                  if (!cell) return html`<td>–</td>`;
                  return html`<td
                    data-from=${from}
                    data-on=${on}
                    data-value=${cell.value}
                    .style="--share: ${cell.value}"
                  >
                    ${figure(cell)}
                    ${cell.interval ? html`<small>${cell.interval}</small>` : nothing}
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

customElements.define('universal-transfer', UniversalTransfer);

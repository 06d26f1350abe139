/** What is asked about a network that somebody brings: how pixels go in, what its classes are called, its name. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { asSentence } from '../engine/errors.js';
import '../parts/progress-line.js';
import * as words from '../words/bring.js';
import { NUMBERS, isFit } from './bring-wishes.js';

/**
 * @import { ImportAbout, ImportProgress, KeepOptions, PresetProposal, PresetTrial } from '../engine/types.js'
 * @import { Field, Wishes, Wrong } from './bring-wishes.js'
 *
 * @typedef {object} Form
 * @property {ImportAbout} about
 * @property {Wishes} wishes
 * @property {Wrong} wrong what is to be mended
 * @property {PresetProposal | null} proposal
 * @property {ImportProgress | null} trying while presets are tried
 * @property {boolean} skipped
 * @property {string} known the network that answers are compared with
 * @property {(change: Partial<Wishes>) => void} wish
 * @property {() => void} skip
 * @property {(file: File) => void} readNames
 *
 * @typedef {string | typeof nothing} Note the id of what is said of a field
 */

/** @param {Form} form */
export function bringForm(form) {
  const { about, wishes, wish } = form;
  return html`<p id="bring-facts">${words.facts(about)}</p>
    ${
      about.notes.length
        ? html`<ul class="fine">
            ${about.notes.map((note) => html`<li>${asSentence(note)}</li>`)}
          </ul>`
        : nothing
    }
    <label class="bring-field">
      ${words.NAME}
      <input
        id="bring-title"
        type="text"
        maxlength=${about.longestTitle}
        .value=${wishes.title}
        @input=${(/** @type {Event} */ event) => wish({ title: valueOf(event) })}
      />
    </label>
    ${pixels(form)} ${classes(form)}`;
}

/** @param {Form} form */
function pixels(form) {
  const { about, wishes, proposal, trying, skipped, known, wish } = form;
  if (about.knowsPixels) {
    return html`<fieldset>
      <legend>${words.PIXELS}</legend>
      <p class="fine">${words.pixelsKnown(about.preset)}</p>
      ${shortSide(form)}
    </fieldset>`;
  }
  const trials = proposal?.trials ?? [];
  const best = trials.find(({ preset }) => preset === proposal?.proposed);
  const note = noteOn(form.wrong, 'preset');
  return html`<fieldset>
    <legend>${words.PIXELS}</legend>
    <p class="fine">${words.PIXELS_ABOUT}</p>
    ${
      trying
        ? html`<div class="bring-trying">
            <progress-line
              .text=${words.progressText(trying)}
              .value=${trying.stage === 'trying' ? trying.done : 0}
              .max=${trying.stage === 'trying' ? trying.total : 0}
            ></progress-line>
            <button type="button" id="bring-skip" @click=${form.skip}>${words.SKIP}</button>
          </div>`
        : nothing
    }
    <p id="bring-proposal" aria-live="polite">
      ${
        best
          ? words.proposal(best, trials, known)
          : skipped
            ? words.SKIPPED
            : proposal
              ? words.NOTHING_PROPOSED
              : nothing
      }
    </p>
    ${wrongText(form.wrong, 'preset')}
    ${about.presets.map(({ id, title, about }) =>
      choice({
        id,
        ...words.preset(id, { title, about }),
        trial: trials.find(({ preset }) => preset === id),
        checked: wishes.preset === id,
        note,
        choose: () => wish({ preset: id }),
      }),
    )}
    ${choice({
      id: NUMBERS,
      ...words.NUMBERS,
      trial: undefined,
      checked: wishes.preset === NUMBERS,
      note,
      choose: () => wish({ preset: NUMBERS }),
    })}
    ${wishes.preset === NUMBERS ? numbers(form) : nothing} ${shortSide(form)}
  </fieldset>`;
}

/**
 * @param {{ id: string, title: string, about: string, trial: PresetTrial | undefined, checked: boolean, note: Note, choose: () => void }} preset
 */
const choice = ({ id, title, about, trial, checked, note, choose }) =>
  html`<label class="check">
    <input
      type="radio"
      name="bring-preset"
      value=${id}
      aria-describedby=${note}
      .checked=${checked}
      @change=${choose}
    />
    <span
      >${title}
      <span class="fine">${about}${trial ? html`; ${words.trialText(trial)}` : nothing}</span></span
    >
  </label>`;

/** @param {Form} form */
function numbers({ about, wishes, wrong, wish }) {
  const colours = about.channels === 1 ? words.GREY : words.COLOURS;
  const row = (
    /** @type {'mean' | 'deviation'} */ which,
    /** @type {(colour: string) => string} */ label,
  ) => {
    const isBad = (/** @type {string} */ text) => Boolean(wrong[which]) && !isFit[which](text);
    return html`<div class="bring-numbers">
        ${colours.map(
          (colour, index) =>
            html`<label>
              ${label(colour)}
              <input
                type="number"
                step="any"
                data-of=${which}
                aria-invalid=${isBad(wishes[which][index]) ? 'true' : nothing}
                aria-describedby=${isBad(wishes[which][index]) ? noteOn(wrong, which) : nothing}
                .value=${live(wishes[which][index])}
                @input=${(/** @type {Event} */ event) =>
                  wish({ [which]: wishes[which].with(index, valueOf(event)) })}
              />
            </label>`,
        )}
      </div>
      ${wrongText(wrong, which)}`;
  };
  return html`<div class="bring-more">
    <p class="fine">${words.LEVELS_NOTE}</p>
    ${row('mean', words.meanOf)} ${row('deviation', words.deviationOf)}
    ${
      about.channels === 3
        ? html`<label class="check">
            <input
              type="checkbox"
              id="bring-blue"
              .checked=${wishes.blueFirst}
              @change=${() => wish({ blueFirst: !wishes.blueFirst })}
            />
            ${words.BLUE_FIRST}
          </label>`
        : nothing
    }
  </div>`;
}

/** @param {Form} form */
const shortSide = ({ about, wishes, wrong, wish }) =>
  html`<label class="bring-field">
      ${words.SHORT_SIDE}
      <input
        id="bring-short-side"
        type="number"
        min=${about.side}
        max=${about.mostShortSide}
        aria-invalid=${wrong.shortSide ? 'true' : nothing}
        aria-describedby=${noteOn(wrong, 'shortSide')}
        .value=${live(wishes.shortSide)}
        @input=${(/** @type {Event} */ event) => wish({ shortSide: valueOf(event) })}
      />
      <span class="fine">${words.shortSideNote(about.side)}</span>
    </label>
    ${wrongText(wrong, 'shortSide')}`;

/** @param {Form} form */
function classes({ about, wishes, wrong, wish, readNames }) {
  /** @type {[KeepOptions['names'], string, boolean][]} */
  const all = [
    ['file', words.NAMES_OF_FILE, about.names === 'file'],
    ['imagenet', words.NAMES_OF_IMAGENET, [1000, 1001].includes(about.classes)],
    ['numbers', words.NAMES_NUMBERS, true],
    ['text', words.NAMES_TEXT, true],
  ];
  return html`<fieldset>
    <legend>${words.CLASSES}</legend>
    ${all
      .filter(([, , offered]) => offered)
      .map(
        ([id, title]) =>
          html`<label class="check">
            <input
              type="radio"
              name="bring-names"
              value=${id}
              .checked=${wishes.names === id}
              @change=${() => wish({ names: id })}
            />
            ${title}
          </label>`,
      )}
    ${
      wishes.names === 'text'
        ? html`<div class="bring-more">
            <label class="button file-button">
              ${words.CHOOSE_NAMES}
              <input
                id="bring-names-file"
                class="visually-hidden"
                type="file"
                accept=".txt,.json,text/plain"
                aria-invalid=${wrong.names ? 'true' : nothing}
                aria-describedby=${noteOn(wrong, 'names')}
                @change=${(/** @type {Event} */ event) => {
                  const input = /** @type {HTMLInputElement} */ (event.target);
                  const [file] = input.files ?? [];
                  if (file) readNames(file);
                  input.value = ''; // Mended, the same file can be chosen again.
                }}
              />
            </label>
            ${wrongText(wrong, 'names')}
            <span class="fine" id="bring-names-read"
              >${wishes.read.length ? words.someNames(wishes.read) : nothing}</span
            >
          </div>`
        : nothing
    }
  </fieldset>`;
}

/** @param {Event} event */
const valueOf = ({ target }) => /** @type {HTMLInputElement} */ (target).value;

/** What is wrong with a field, below it. @param {Wrong} wrong @param {Field | 'keep'} field */
export const wrongText = (wrong, field) =>
  wrong[field]
    ? html`<p class="bring-wrong" id=${`bring-wrong-${field}`} role="alert">
        ${asSentence(wrong[field])}
      </p>`
    : nothing;

/** @param {Wrong} wrong @param {Field} field @returns {Note} */
const noteOn = (wrong, field) => (wrong[field] ? `bring-wrong-${field}` : nothing);

/**
 * Why it works: the plane through the visitor's picture that the smallest noise and
 * a second direction span (Fawzi, Moosavi-Dezfooli and Frossard, NIPS 2016), and
 * what the normals of the boundaries near many pictures have in common
 * (Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, CVPR 2017).
 */
import { html, nothing } from 'lit';
import { latestOnly } from '../../latest.js';
import { Exhibit } from '../../parts/exhibit.js';
import '../../parts/progress-line.js';
import { spoken } from '../../parts/spoken.js';
import { offer } from '../../pictures/download.js';
import { Task } from '../../task.js';
import * as words from '../../words/geometry.js';
import './boundary-normals.js';
import './geometry.css';
import { planeControls, pointsOf, reachOf } from './plane-controls.js';
import './plane-map.js';
import './plane-sum.js';
import { Ranks } from './ranks.js';
import { choices, kindOf, leadsThere, secondNoise, seedOf } from './second.js';

/**
 * @import { Found, PerturbationInfo, SectionAnswers } from '../../engine/types.js'
 * @import { PlaneMap, Place } from './plane-map.js'
 * @import { Looked } from './plane-sum.js'
 *
 * @typedef {{ of: string, noise: Float32Array<ArrayBuffer> | null }} Second
 *
 * @typedef {object} Held
 * @property {Found | null} found
 * @property {SectionAnswers | null} section
 * @property {Looked | null} looked
 * @property {Place | null} place
 * @property {string} of
 * @property {Ranks} ranks
 * @property {Second} second
 */

export class GeometryExhibit extends Exhibit {
  static properties = {
    ...Exhibit.properties,
    found: { state: true },
    section: { state: true },
    steps: { state: true },
    working: { state: true },
    place: { state: true },
    looked: { state: true },
    universals: { state: true },
    names: { state: true },
    sliding: { state: true },
  };

  #plane = new Task(() => (this.working = this.#plane.running));
  #look = latestOnly(() => this.#lookAt());
  /** Of what the section is: its picture, network and settings. */
  #of = '';
  #begun = 0;
  #ranks = new Ranks();
  /** The second direction, where it is not random, and of what. @type {Second} */
  #second = { of: '', noise: null };

  constructor() {
    super();
    /** The smallest noise. @type {Found | null} */
    this.found = null;
    /** @type {SectionAnswers | null} */
    this.section = null;
    /** @type {{ points: number, of: number } | null} */
    this.steps = null;
    this.working = false;
    /** The marked point. @type {Place | null} */
    this.place = null;
    /** What is seen there. @type {Looked | null} */
    this.looked = null;
    /** @type {PerturbationInfo[]} */
    this.universals = [];
    /** Of all classes. @type {string[]} */
    this.names = [];
    /** A reach that a visitor is choosing. */
    this.sliding = 0;
  }

  /** @param {Held} [had] */
  met(had) {
    this.#plane.stop();
    this.found = had?.found ?? null;
    this.section = had?.section ?? null;
    this.looked = had?.looked ?? null;
    this.place = had?.place ?? null;
    this.#of = had?.of ?? '';
    this.#ranks = had?.ranks ?? new Ranks();
    this.#second = had?.second ?? { of: '', noise: null };
    this.#readChoices();
    if (had?.of !== this.#wish) this.#compute();
  }

  /** @returns {Held} */
  held() {
    const { found, looked, place } = this;
    // The core begins a plane anew: one that was stopped cannot go on.
    const section = this.section && { ...this.section, stopped: this.#isPart };
    return {
      found,
      section,
      looked,
      place,
      of: this.#of,
      ranks: this.#ranks,
      second: this.#second,
    };
  }

  stop() {
    const stopped = this.#plane.stop();
    // What there is stays, and says that it is not all.
    if (stopped && this.section) this.section = { ...this.section, stopped: true };
    return stopped;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    const before = /** @type {import('../../state.js').Settings | undefined} */ (
      changed.get('settings')
    );
    const { across, reach, points } = this.settings;
    const same = before?.across === across && before.reach === reach && before.points === points;
    if (before && !same && this.found && this.picture) this.#compute();
  }

  exhibit() {
    if (!this.engine && this.trouble) return nothing;
    const { picture, section, place, settings, working, found } = this;
    return html`<section class="geometry" aria-labelledby="plane-title">
        <div class="geometry-words">
          <h2 id="plane-title">${words.sectionTitle}</h2>
          <p>${words.sectionIntro}</p>
        </div>
        <plane-sum
          .picture=${picture}
          .clean=${found?.clean ?? null}
          .looked=${this.looked}
          .place=${place}
        ></plane-sum>
        <plane-map
          ?data-old=${working && section !== null && this.#of !== this.#wish}
          .section=${section}
          .ranks=${this.#ranks}
          .kind=${kindOf(settings.across)}
          .place=${place ?? { right: 0, up: 0 }}
          .said=${this.#said}
          .theme=${settings.theme}
          @point=${(/** @type {CustomEvent} */ event) => this.#mark(event.detail)}
        ></plane-map>
        ${
          found
            ? planeControls({
                settings,
                points: this.#points,
                length: found.norms.l2,
                dimensions: this.#dimensions,
                sliding: this.sliding,
                slide: (reach) => (this.sliding = reach),
                directions: this.#choices,
                tell: (change) => this.tell('settings', change),
              })
            : nothing
        }
        <div class="geometry-telling">
          ${
            working
              ? html`<progress-line
                  .text=${words.planeProgress(this.steps, (performance.now() - this.#begun) / 1000)}
                  .value=${this.steps?.points ?? 0}
                  .max=${this.steps?.of ?? 1}
                ></progress-line>`
              : nothing
          }
          <p class="sentence" id="sentence" aria-live="polite">
            ${working ? nothing : this.#sentence()}
          </p>
          <div class="geometry-buttons">
            ${
              working
                ? html`<button type="button" id="cancel" @click=${() => this.stop()}>
                    ${words.stop}
                  </button>`
                : picture && (!section || section.stopped) && (!found || found.fooled)
                  ? html`<button type="button" id="go-on" @click=${() => this.#compute()}>
                      ${section ? words.again : words.goOn}
                    </button>`
                  : nothing
            }
            <button type="button" id="save" ?disabled=${!section} @click=${() => this.#save()}>
              ${words.download}
            </button>
            <button type="button" @click=${() => this.tell('share')}>${words.share}</button>
          </div>
        </div>
      </section>
      <boundary-normals
        .engine=${this.engine}
        .network=${this.network}
        .ready=${this.ready && !this.switching}
        .samples=${this.samples}
        .picture=${picture}
      ></boundary-normals>`;
  }

  updated() {
    this.dataset.state = this.working ? 'working' : this.section ? 'answered' : 'waiting';
  }

  #sentence() {
    if (this.found && !this.found.fooled) return words.notFooled;
    const { section, found } = this;
    return section && found
      ? spoken(words.planeSentence(section, found, this.#secondName))
      : nothing;
  }

  /** The exact answer at the marked point, if it has come. */
  get #said() {
    const { looked, place } = this;
    return looked && looked.place === place ? looked.point.answer.top[0].name : null;
  }

  get #choices() {
    const { found, settings, universals, names } = this;
    return found ? choices(settings.across, found, universals, names) : [];
  }

  get #secondName() {
    const { across } = this.settings;
    return this.#choices.find(({ setting }) => setting === across)?.name ?? across;
  }

  get #points() {
    return pointsOf(this.settings.points, this.engine?.network.side ?? 1);
  }

  get #dimensions() {
    const { channels = 3, side = 1 } = this.engine?.network ?? {};
    return channels * side * side;
  }

  /** Whether the plane is not whole, or of other settings than it will have. */
  get #isPart() {
    return this.working || Boolean(this.section?.stopped);
  }

  get #wish() {
    const { across, reach, points } = this.settings;
    return [this.network, this.picture?.key, across, reach, points].join(' ');
  }

  async #readChoices() {
    const { engine } = this;
    try {
      this.names = (await engine?.classNames()) ?? [];
      this.universals = (await engine?.perturbations()) ?? [];
    } catch {
      // Then there are the random ones.
      this.universals = [];
    }
  }

  /** What both calls on the plane take. */
  get #directions() {
    const perturbation = /** @type {Float32Array<ArrayBuffer>} */ (this.found?.perturbation);
    const { noise } = this.#second;
    return noise
      ? { perturbation, second: noise }
      : { perturbation, seed: seedOf(this.settings.across) ?? 0 };
  }

  async #compute() {
    const { engine, picture } = this;
    if (!engine || !picture) return;
    const { pixels } = picture;
    this.steps = null;
    try {
      await this.#plane.run(async (signal) => {
        if (!this.found) {
          const found = await engine.deepfool(pixels, { signal });
          signal.throwIfAborted();
          this.found = found;
        }
        if (!this.found.fooled) return;
        const { across } = this.settings;
        const reach = reachOf(this.settings.reach, this.found.norms.l2, this.#dimensions);
        const wish = this.#wish;
        const of = [this.network, picture.key, across].join(' ');
        if (this.#second.of !== of) {
          if (leadsThere(across, this.found)) throw new Error(words.sameDirection);
          const noise = await secondNoise(across, engine, pixels, signal);
          signal.throwIfAborted();
          this.#second = { of, noise };
        }
        const ranks = new Ranks();
        this.#begun = performance.now();
        const show = (/** @type {SectionAnswers} */ section) => {
          if (this.#of !== wish || this.#ranks !== ranks) this.#begin(wish, ranks, section);
          ranks.see(section.regions);
          this.section = section;
        };
        const whole = await engine.section(pixels, {
          ...this.#directions,
          points: this.#points,
          reach,
          signal,
          onProgress: ({ section, ...steps }) => {
            if (signal.aborted) return;
            this.steps = steps;
            if (section) show(section);
          },
        });
        signal.throwIfAborted();
        show(whole);
      });
      this.tell('notice', { about: 'geometry', text: '' });
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      const { across } = this.settings;
      if (!across) {
        this.tell('notice', { about: 'geometry', text: message, again: () => this.#compute() });
        return;
      }
      // What the address asks for cannot be had: there is always a random direction.
      this.tell('notice', { about: 'second', text: [words.noDirection, message] });
      this.tell('settings', { across: '' });
    }
  }

  /** The first of a new section. @param {string} wish @param {Ranks} ranks @param {SectionAnswers} section */
  #begin(wish, ranks, section) {
    this.#of = wish;
    this.#ranks = ranks;
    this.#mark(toMark(section));
  }

  /** @param {Place} place */
  #mark(place) {
    this.place = place;
    this.#look(undefined);
  }

  async #lookAt() {
    const { engine, picture, place, found } = this;
    if (!engine || !picture || !place || !found) return;
    try {
      const point = await engine.planePoint(picture.pixels, {
        ...this.#directions,
        ...place,
      });
      const drawing = await engine.draw(
        /** @type {Float32Array<ArrayBuffer>} */ (point.perturbation),
      );
      if (this.picture === picture && this.found === found) this.looked = { point, drawing, place };
    } catch {
      // Another was asked for, or the plane says why not.
    }
  }

  async #save() {
    const map = /** @type {PlaneMap | null} */ (this.querySelector('plane-map'));
    const blob = await map?.picture();
    if (!blob) return;
    const name = `foolscope-plane-${this.picture?.key.replace(/[^\w-]+/g, '-')}.png`;
    offer(name, new Uint8Array(await blob.arrayBuffer()));
  }
}

/** Of the smallest noise's length, so much of the reach can be told from the picture itself. */
const VISIBLE = 0.1;

/**
 * What is marked at first: where the answer changes, to the right if that can be
 * seen at this reach, else upwards.
 * @param {SectionAnswers} section
 * @returns {Place}
 */
function toMark({ reach, length, changes }) {
  if (length > reach) return { right: 0, up: 0 };
  const isVisible = length > VISIBLE * reach || changes.up === null;
  return isVisible ? { right: length, up: 0 } : { right: 0, up: changes.up ?? 0 };
}

customElements.define('geometry-exhibit', GeometryExhibit);

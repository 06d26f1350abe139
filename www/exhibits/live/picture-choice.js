/**
 * Which picture is shown: a sample, a file, one that was dragged here. It knows
 * what there is to choose and what was taken last, to be read again by another
 * network.
 */
import { Arrivals, isNoise } from '../../pictures/arrivals.js';
import { atHand } from '../../pictures/at-hand.js';
import { photographed, readPhotos, samplesFor } from '../../pictures/samples.js';
import { OWN_PICTURE } from '../../state.js';
import { NO_SAMPLES, OWN_GONE, SITE_PICTURE } from '../../words/pictures.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { Picture } from '../../engine/types.js'
 * @import { Arrival } from '../../parts/intake.js'
 * @import { Candidate, Coming } from '../../pictures/arrivals.js'
 * @import { Photo, Sample } from '../../pictures/samples.js'
 * @import { Shown } from './scene.js'
 * @import { Told } from './told.js'
 *
 * @typedef {object} Wall what is around it
 * @property {() => { engine: Engine | null, network: string, filming: boolean, bare: boolean }} around
 *   the id of the network that is in use or on its way; whether there is no picture at all yet
 * @property {() => string} wanted the sample that the settings name
 * @property {() => void} begun another picture was chosen
 * @property {(picture: Shown, sample: string) => Promise<void>} taken and what the settings are to say of it
 * @property {() => void} failed what is shown stays
 * @property {() => void} changed
 * @property {Told} told
 * @property {(notice: import('../../parts/notice-bar.js').Notice) => void} tell
 */

export class PictureChoice {
  #wall;
  #arrivals;
  /** @type {Photo[]} */
  #photos = [];
  /** @type {Candidate | null} */
  #taken = null;
  /** Whether all photos that there are are known. */
  #isRead = false;

  /** What there is to try. @type {Sample[]} */
  samples = [];
  /** What was chosen and is not there yet. @type {Coming | null} */
  coming = null;

  /** @param {Wall} wall */
  constructor(wall) {
    this.#wall = wall;
    this.#arrivals = new Arrivals({
      engine: () => wall.around().engine,
      coming: (coming) => {
        this.coming = coming;
        wall.changed();
      },
      taken: (candidate, pixels) => this.#took(candidate, pixels),
      failed: wall.failed,
      tell: wall.tell,
    });
  }

  async read() {
    const { told } = this.#wall;
    try {
      this.#photos = await readPhotos();
      told.settle('samples');
    } catch {
      told.explain('samples', NO_SAMPLES, () => this.read());
    }
    this.#isRead = true;
    this.offer();
    if (this.#wall.around().bare && !this.coming && !this.#taken) this.#first();
  }

  /** What there is to try with the network in use. */
  offer() {
    this.samples = samplesFor(this.#wall.around().network, this.#photos);
    this.#wall.changed();
  }

  /** Another network sees the same picture, at another size. */
  again() {
    if (!this.#arrivals.resume()) this.#first();
  }

  /** What is at hand, if a sample cannot stand for it; else what the address names. */
  #first() {
    const taken = this.#taken ?? atHand.candidate;
    if (taken?.kind === 'own') {
      this.#arrivals.take([taken]);
      return;
    }
    const wanted = this.#wall.wanted();
    if (wanted === OWN_PICTURE) this.#wall.told.explain('own', OWN_GONE);
    this.choose(wanted, true);
  }

  /** Another source of pictures was chosen. */
  stop() {
    this.#arrivals.stop();
  }

  /** @param {string} id an unknown one, or none, gives the first @param {boolean} [anew] for another network */
  choose(id, anew = false) {
    const photo = this.#photos.find((each) => each.id === id);
    const named =
      this.samples.find((each) => each.id === id) ?? (photo ? photographed(photo) : null);
    // It may be one of the photos.
    if (id && !named && !this.#isRead) return;
    const sample = named ?? this.samples[0];
    const shown = this.coming?.key ?? this.#taken?.key;
    if (!sample || (shown === sample.id && !anew && !this.#wall.around().filming)) return;
    const { title, thumbnail, source } = sample;
    this.#wall.begun();
    this.#arrivals.take([
      { key: sample.id, title, kind: 'sample', preview: thumbnail, source: source() },
    ]);
  }

  /** A picture of this site's that was dragged here. @param {URL} url */
  takeOwn(url) {
    const sample = this.samples.find(
      ({ thumbnail }) => typeof thumbnail === 'string' && url.href.endsWith(thumbnail),
    );
    const photo = this.#photos.find(({ file }) => url.pathname.endsWith(`/${file}`));
    if (sample ?? photo) return this.choose((sample ?? photo)?.id ?? '');
    const title = decodeURIComponent(url.pathname.split('/').pop() ?? '') || SITE_PICTURE;
    return this.#arrivals.take([
      { key: url.href, title, kind: 'own', preview: url.href, source: url },
    ]);
  }

  /** @param {Arrival} arrival */
  takeFiles(arrival) {
    // What is looked for in the picture before is not waited for.
    if (!arrival.files.every(isNoise)) this.#wall.begun();
    return this.#arrivals.takeFiles(arrival);
  }

  /** @param {Candidate} candidate @param {Picture} pixels */
  #took(candidate, pixels) {
    const { key, title, kind } = candidate;
    this.#taken = candidate;
    atHand.take(candidate);
    const isFirst = key === this.samples[0]?.id;
    const sample = kind !== 'sample' ? OWN_PICTURE : isFirst ? '' : key;
    return this.#wall.taken({ key, title, kind, pixels }, sample);
  }
}

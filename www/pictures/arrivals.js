/**
 * Pictures on their way to the square. What was chosen is shown at once, as the
 * browser shows it, and taken as soon as the engine can; a later choice replaces
 * it. Of several files the first picture is taken, and the others are told.
 */
import { Task } from '../task.js';
import * as words from '../words/pictures.js';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { Picture } from '../engine/types.js'
 * @import { Arrival } from '../parts/intake.js'
 * @import { Notice } from '../parts/notice-bar.js'
 * @import { Showable } from '../parts/source-view.js'
 * @typedef {{ key: string, title: string, preview: Showable }} Coming a picture that was chosen and is
 *   not there yet, and what can be shown of it, or ''
 *
 * @typedef {Coming & { kind: 'sample' | 'own', source: Blob | URL | ImageData }} Candidate
 *
 * @typedef {object} Square what the pictures are for
 * @property {() => Engine | null} engine
 * @property {(coming: Coming | null) => void} coming
 * @property {(candidate: Candidate, pixels: Picture) => Promise<void>} taken
 * @property {() => void} failed what is shown stays
 * @property {(notice: Notice) => void} tell
 *
 * @typedef {{ name: string, why: string }} Bad
 */

/** @param {File} file */
export const isNoise = ({ name }) => /\.npy$/i.test(name);

/** So many names are told. */
const MOST_NAMES = 5;

export class Arrivals {
  #square;
  #loading = new Task();
  #pasted = 0;
  /** What came before there was an engine. @type {(() => void) | null} */
  #waiting = null;

  /** @param {Square} square */
  constructor(square) {
    this.#square = square;
  }

  /** Takes what came before there was an engine. @returns {boolean} whether there was something */
  resume() {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
    return waiting !== null;
  }

  /** Another source of pictures was chosen. */
  stop() {
    this.#loading.stop();
    this.#waiting = null;
    this.#expect(null);
  }

  /** @param {Arrival} arrival noises among them are not for here */
  takeFiles({ files, more }) {
    const pictures = files.filter((file) => !isNoise(file));
    if (!pictures.length) return undefined;
    return this.take(
      pictures.map((file) => ({
        key: `${file.name}-${file.size}-${file.lastModified || ++this.#pasted}`,
        title: file.name || words.OWN_PICTURE,
        kind: 'own',
        preview: '',
        source: file,
      })),
      more,
    );
  }

  /**
   * @param {Candidate[]} candidates the first that can be read is taken
   * @param {boolean} [more] there were more than these
   */
  async take(candidates, more = false) {
    const [first] = candidates;
    const engine = this.#square.engine();
    this.#expect(first, !engine);
    if (!engine) {
      this.#waiting = () => this.take(candidates, more);
      return;
    }
    this.#waiting = null;
    /** @type {Bad[]} */
    const bad = [];
    const found = await this.#loading.run((signal) => firstOf(engine, candidates, bad, signal));
    if (found === undefined) return; // Another was chosen.
    this.#expect(null);
    const [taken] = found ?? [];
    const left = taken ? candidates.slice(candidates.indexOf(taken) + 1) : [];
    this.#square.tell({
      about: 'picture',
      text: report(candidates, bad, left, more),
      again: !found && first.source instanceof URL ? () => this.take(candidates, more) : undefined,
    });
    if (found) await this.#square.taken(...found);
    else this.#square.failed();
  }

  /** @param {Candidate | null} candidate @param {boolean} [shown] before it is read */
  #expect(candidate, shown = false) {
    if (!candidate) return this.#square.coming(null);
    const { key, title, source, preview } = candidate;
    const file = source instanceof Blob ? source : '';
    return this.#square.coming({ key, title, preview: shown ? preview || file : '' });
  }
}

/**
 * @param {Engine} engine
 * @param {Candidate[]} candidates
 * @param {Bad[]} bad takes those that are no pictures
 * @param {AbortSignal} signal
 * @returns {Promise<[Candidate, Picture] | null>}
 */
async function firstOf(engine, candidates, bad, signal) {
  for (const candidate of candidates) {
    try {
      return [candidate, await read(engine, candidate.source, signal)];
    } catch (error) {
      signal.throwIfAborted();
      bad.push({ name: candidate.title, why: /** @type {Error} */ (error).message });
    }
  }
  return null;
}

/**
 * A worker that died meanwhile is started again: then the picture is read once more.
 * @param {Engine} engine
 * @param {Candidate['source']} source
 * @param {AbortSignal} signal
 */
async function read(engine, source, signal) {
  try {
    return await engine.loadPicture(source, { signal });
  } catch (error) {
    if (/** @type {Error} */ (error).name !== 'Stopped') throw error;
    await engine.ready;
    return engine.loadPicture(source, { signal });
  }
}

/**
 * @param {{ title: string }[]} all
 * @param {Bad[]} bad
 * @param {{ title: string }[]} left pictures, or other files, that were not looked at
 * @param {boolean} more
 * @returns {string | string[]} empty where all is well
 */
export function report(all, bad, left, more) {
  if (all.length === 1) return bad.length ? bad[0].why : '';
  const reasons = bad.map(({ name, why }) => `${name}: ${why}`);
  const shown = all[bad.length];
  const others = left.length ? words.leftOut(names(left, more)) : '';
  const first = !shown
    ? words.noneReadable(all.length)
    : left.length
      ? words.ONE_AT_A_TIME
      : words.firstShown(all.length);
  return [first, ...(others ? [others] : []), ...reasons];
}

/** @param {{ title: string }[]} files @param {boolean} more */
function names(files, more) {
  const some = files.slice(0, MOST_NAMES).map(({ title }) => title);
  return words.someNames(some, more ? Infinity : files.length - some.length);
}

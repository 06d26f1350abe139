/**
 * A worker for one import. It ends with it, and with it goes the memory that a large network took:
 * a wasm module never gives any back.
 */
import * as Comlink from 'comlink';
import init, * as wasm from '../wasm/explore/foolscope.js';
import * as words from '../words/engine.js';
import { Arrivals } from './arrivals.js';
import { bytesOf } from './bytes.js';
import { EngineError } from './errors.js';
import { contentOf, ownTitle } from './identity.js';
import { sinkFor } from './own-sink.js';
import { piecesOf } from './pieces.js';
import { readPicture } from './pictures.js';
import { startProgram } from './program.js';
import { wasmForThisBrowser } from './programs.js';

/**
 * @import { ImportAbout, ImportProgress, ImporterFace, KeepOptions } from './types.js'
 *
 * @typedef {(progress: ImportProgress) => void} Report
 */

/** A network that is shipped, and knows ImageNet's classes. */
const KNOWN = 'efficientnet-lite0';
/** How much is hashed between two reports. */
const PIECE = 4 << 20;
/** Photos are fewer where each takes long: multiply-adds, of one pass. */
const LONG = { pass: 3e9, photos: 4 };

/** @type {wasm.Import} */
let opened;
/** @type {File[]} */
let given;
/** @type {ImportAbout} */
let about;
/** Of a file that the site lists, which is all that is given then. @type {string | null} */
let listed = null;
let skipped = false;

/** @type {ImporterFace} */
const face = {
  async open(files, expected, report) {
    await startProgram(
      wasmForThisBrowser().explore,
      PROGRAM_BYTES.explore,
      (loaded, total) => report({ stage: 'program', loaded, total: total ?? 0 }),
      (response) => init({ module_or_path: response }),
    );
    given = files;
    if (expected !== null) {
      [{ hash: listed }] = hashes(report);
      if (listed !== expected.toLowerCase()) {
        throw new EngineError('DownloadCorrupted', words.otherNetwork(files[0].name));
      }
    }
    report({ stage: 'reading' });
    opened = wasm.Import.read(files.map((file) => piecesOf(file)));
    about = opened.about();
    return about;
  },

  async propose(base, photos, report) {
    const some = about.multiplyAdds > LONG.pass ? photos.slice(0, LONG.photos) : photos;
    const known = await knownAnswers(base, some);
    const total = about.presets.length * some.length;
    let done = 0;
    skipped = false;
    report({ stage: 'trying', done, total });
    for (const [photo] of some.entries()) {
      for (const { id } of about.presets) {
        // A wish to stop is heard between two answers.
        await new Promise((resolve) => setTimeout(resolve));
        if (skipped) throw new EngineError('Stopped', words.TRIAL_ENDED);
        await opened.answer(id, photo);
        report({ stage: 'trying', done: ++done, total });
      }
    }
    return opened.propose(known);
  },

  skip() {
    skipped = true;
  },

  readNames: (text) => opened.readNames(text),

  check: (options) => opened.check(options),

  async keep(kind, wishes, others, report) {
    // What it refuses is still to be mended: afterwards the import is gone.
    opened.check(wishes);
    const id = `${kind}-${(listed ?? hashOf(wishes, report)).slice(0, 12)}`;
    const taken = others.filter((other) => other.id !== id).map(({ title }) => title);
    const wish = wishes.title.trim() || about.title;
    // The site's list says what its own are called.
    const title = kind === 'site' ? wish : ownTitle(wish, taken, about.longestTitle);
    const options = { ...wishes, title };
    // With 16 bits a number it may become half of it.
    const total = 4 * about.parameters;
    const sink = await sinkFor(id, total);
    let loaded = 0;
    try {
      opened.keep(options, (/** @type {Uint8Array} */ piece) => {
        sink.put(piece);
        loaded += piece.length;
        report({ stage: 'keeping', loaded, total });
      });
      const { whole, found: card } = await sink.done((file) => wasm.readCard(piecesOf(file)));
      return { id, card, bytes: whole.size, blob: sink.stored ? null : whole };
    } catch (error) {
      await sink.discard().catch(() => {});
      throw error;
    }
  },
};

/** Of all that answers and names depend on. @param {KeepOptions} options @param {Report} report */
function hashOf(options, report) {
  const names = options.names === 'text' ? opened.readNames(options.namesText ?? '') : [];
  const digest = new wasm.Digest();
  digest.update(new TextEncoder().encode(contentOf(hashes(report), options, names)));
  return digest.hex();
}

/** Of all files, each with its name. @param {Report} report */
function hashes(report) {
  const total = given.reduce((sum, { size }) => sum + size, 0);
  let loaded = 0;
  return given.map((file) => {
    const digest = new wasm.Digest();
    const { name, size, read } = piecesOf(file);
    for (let at = 0; at < size; at += PIECE) {
      digest.update(read(at, PIECE));
      report({ stage: 'checking', loaded: loaded + Math.min(size, at + PIECE), total });
    }
    loaded += size;
    return { name, hash: digest.hex() };
  });
}

/**
 * Hands the photos over, and asks a network that is shipped what they show.
 * @param {string} base where `models/` lies
 * @param {(Blob | string)[]} photos
 * @returns {Promise<Uint32Array | undefined>} a class each; none where it knows other classes
 */
async function knownAnswers(base, photos) {
  const asked = [1000, 1001].includes(about.classes) ? await knownSession(base) : null;
  const labels = [];
  for (const photo of photos) {
    const blob = photo instanceof Blob ? photo : await (await fetch(photo)).blob();
    const { data, width, height } = await readPicture(blob);
    opened.addPhoto(bytesOf(data), width, height);
    if (!asked) continue;
    const square = wasm.crop(KNOWN, bytesOf(data), width, height, false);
    const { clean } = await asked.classify(square, undefined, 1);
    labels.push(clean.top[0].label);
  }
  asked?.free();
  return asked ? Uint32Array.from(labels) : undefined;
}

/** @param {string} base */
async function knownSession(base) {
  try {
    const info = wasm.catalogue().find(({ id }) => id === KNOWN);
    const arrivals = new Arrivals(base, () => {});
    const { bytes } = await arrivals.weights(KNOWN, info, new AbortController().signal);
    return await wasm.Session.open({ network: KNOWN, device: 'cpu' }, bytes);
  } catch {
    // Without it the answers alone must do.
    return null;
  }
}

Comlink.expose(face);

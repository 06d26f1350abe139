/**
 * Runs the benchmark: every column, row by row. What fails or takes too long
 * costs its own cell and no other; before the next row the contender is opened
 * again. Nothing is timed whose answers differ from ours.
 */
import { createEngine } from '../engine/engine.js';
import { Cannot, Ours, Peer } from './contenders.js';
import { frames } from './frames.js';
import { measuredMemory } from './device.js';
import { relativeDifference, summary } from './stats.js';

/**
 * @import { Column } from './columns.js'
 * @import { Row, RowId } from './rows.js'
 * @import { Perturbation, Picture } from '../engine/types.js'
 *
 * @typedef {object} Cell
 * @property {string} row
 * @property {string} column
 * @property {string} unit
 * @property {number | null} median
 * @property {number | null} min
 * @property {number | null} max
 * @property {number} runs
 * @property {string} [note] one sentence
 * @property {Record<string, number>} [counts] a question, of our own worker
 *
 * @typedef {object} Plan
 * @property {string} network
 * @property {Column[]} columns
 * @property {Row[]} rows
 * @property {number} repeats at most, for all rows
 *
 * @typedef {{ done: number, total: number, text: string }} Progress
 *
 * @typedef {object} Material
 * @property {Picture[]} pictures
 * @property {number[]} classes the ten likeliest of the first picture
 * @property {ArrayLike<number>} logits
 * @property {ArrayLike<number>} gradients
 * @property {number} weightBytes
 * @property {string} weights
 * @property {Perturbation | Float32Array} noise
 */

/** Of the logits: the largest difference, relative to the largest logit. */
const LOGITS = 1e-3;
/** Of the gradients, where a rectifier near its edge opens in one library and not in the other. */
const GRADIENTS = 1e-2;
/** Which photos; DeepFool takes the first five. */
const PHOTOS = 8;
const UNIVERSAL_GRADIENTS = 640;
/** What is kept of the counts of our worker. */
const COUNTED = /** @type {const} */ ([
  'calls',
  'dispatches',
  'submits',
  'writes',
  'buffers',
  'bindGroups',
  'pipelines',
]);
/** Questions before a time counts. */
const WARM_UP = 2;

class TooSlow extends Error {}

/**
 * @param {Plan} plan
 * @param {{ signal: AbortSignal, onProgress: (progress: Progress) => void, onCell: (cell: Cell) => void }} listeners
 */
export async function runBench(plan, { signal, onProgress, onCell }) {
  const total = plan.columns.length * plan.rows.length;
  onProgress({ done: 0, total, text: 'Fetching the photos and the classifier' });
  const material = await prepare(plan.network, signal);
  let done = 0;
  for (const column of plan.columns) {
    const turn = new Turn(column, plan, material, signal, (text) =>
      onProgress({ done, total, text: `${column.by}, ${column.title}: ${text}` }),
    );
    try {
      for (const row of plan.rows) {
        signal.throwIfAborted();
        onCell(await turn.cell(row));
        done++;
      }
    } finally {
      turn.contender.close();
    }
  }
  onProgress({ done: total, total, text: 'Done' });
}

/**
 * Photos, and the answers that all must give: those of our CPU path.
 * @param {string} network
 * @param {AbortSignal} signal
 * @returns {Promise<Material>}
 */
async function prepare(network, signal) {
  const engine = await createEngine({ network, device: 'cpu', signal });
  try {
    /** @type {{ file: string }[]} */
    const samples = await (await fetch('samples/credits.json', { signal })).json();
    const files = samples.slice(0, PHOTOS).map(({ file }) => `samples/${file}`);
    const pictures = await Promise.all(files.map((file) => engine.loadPicture(file, { signal })));
    const logits = await engine.logits(pictures[0], { signal });
    const classes = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 10);
    const gradients = await engine.classGradients(pictures[0], classes, { signal });
    const [shipped] = await engine.perturbations();
    const noise = shipped
      ? await engine.loadPerturbation(shipped.id)
      : await engine.randomNoise({ radius: 10 });
    const { weightBytes, weightFile } = engine.network;
    const weights = new URL(`models/${weightFile}`, document.baseURI).href;
    return { pictures, classes, logits, gradients, weightBytes, weights, noise };
  } finally {
    engine.dispose();
  }
}

/** One column's turn. */
class Turn {
  #opened = false;
  /** Why nothing of this column can be measured. */
  #never = '';
  /** What opening it and asking each question for the first time took. @type {Partial<Record<RowId, number[]>> | null} */
  #firsts = null;
  /** @type {Partial<Record<RowId, string>>} */
  #failed = {};

  /**
   * @param {Column} column
   * @param {Plan} plan
   * @param {Material} material
   * @param {AbortSignal} signal
   * @param {(text: string) => void} report
   */
  constructor(column, plan, material, signal, report) {
    this.column = column;
    this.plan = plan;
    this.material = material;
    this.signal = signal;
    this.report = report;
    this.contender = column.own
      ? new Ours(column, plan.network)
      : new Peer(column, plan.network, material.weights);
  }

  /** @param {Row} row @returns {Promise<Cell>} */
  async cell(row) {
    const about = { row: row.id, column: this.column.id, unit: row.unit };
    const none = { median: null, min: null, max: null, runs: 0 };
    /** @type {number[]} */
    const values = [];
    /** @type {{ note?: string, counts?: Record<string, number> }} */
    const more = {};
    this.report(row.title);
    try {
      if (!this.#firsts) await this.#open();
      if (this.#never) throw new Cannot(this.#never);
      if (!row.emulated && this.contender.software) {
        throw new Cannot('Left out: this GPU is only emulated in software.');
      }
      const first = this.#firsts?.[row.id];
      if (first) {
        if (this.#failed[row.id] && !first.length) throw new Cannot(this.#failed[row.id]);
        values.push(...first);
      } else {
        await this.#reopen();
        await this.#limited(row.limit, () => this.#measure(row, values, more));
      }
    } catch (error) {
      this.signal.throwIfAborted();
      const { message } = /** @type {Error} */ (error);
      if (!values.length) return { ...about, ...none, note: message };
      more.note = message;
    }
    return values.length
      ? { ...about, ...summary(values), ...more }
      : { ...about, ...none, ...more };
  }

  /** Opens it several times, and asks each question for the first time. */
  async #open() {
    const { pictures, classes } = this.material;
    /** @type {Partial<Record<RowId, number[]>>} */
    const firsts = { load: [], 'first-forward': [], 'first-gradients': [], 'first-deepfool': [] };
    this.#firsts = firsts;
    const rows = new Map(this.plan.rows.map((row) => [row.id, row]));
    const times = Math.min(rows.get('load')?.repeats ?? 1, this.plan.repeats);
    for (let i = 0; i < times && !(i && this.contender.software); i++) {
      this.report(`start ${i + 1} of ${times}`);
      try {
        await this.#limited(120, async () => {
          const start = performance.now();
          await this.contender.open();
          const opened = performance.now();
          const logits = await this.contender.logits(pictures[0]);
          const now = performance.now();
          firsts.load?.push(now - start);
          firsts['first-forward']?.push(now - opened);
          const away = relativeDifference(logits, this.material.logits);
          if (!(away <= LOGITS)) {
            throw new Cannot(`Its answer differs by ${percent(away)}, so it is not timed.`);
          }
        });
      } catch (error) {
        this.signal.throwIfAborted();
        this.#never = /** @type {Error} */ (error).message;
        this.contender.close();
        return;
      }
      this.#opened = true;
      await this.#first('first-gradients', rows, () =>
        this.contender.gradients(pictures[0], classes),
      );
      await this.#first('first-deepfool', rows, () => this.contender.deepfool(pictures[0]));
    }
  }

  /**
   * @param {RowId} id
   * @param {Map<RowId, Row>} rows
   * @param {() => Promise<unknown>} question
   */
  async #first(id, rows, question) {
    const row = rows.get(id);
    if (!row || this.#failed[id] || !this.#opened) return;
    if (!row.emulated && this.contender.software) return;
    this.report(row.title);
    try {
      this.#firsts?.[id]?.push(await this.#limited(row.limit, () => timed(question)));
    } catch (error) {
      this.signal.throwIfAborted();
      this.#failed[id] = /** @type {Error} */ (error).message;
    }
  }

  /** After a failure it starts anew, and is warm before the next row. */
  async #reopen() {
    if (this.#opened) return;
    await this.#limited(120, () => this.contender.open());
    this.#opened = true;
    await this.#limited(60, () => this.contender.logits(this.material.pictures[0]));
  }

  /**
   * @param {Row} row
   * @param {number[]} values filled as they come
   * @param {{ note?: string, counts?: Record<string, number> }} more
   */
  async #measure(row, values, more) {
    const { contender, material } = this;
    const { pictures, classes } = material;
    const forward = () => contender.logits(pictures[0]);
    const gradients = () => contender.gradients(pictures[0], classes);
    switch (row.id) {
      case 'forward':
        return this.#repeat(row, values, forward);
      case 'gradients-10': {
        const away = relativeDifference(await gradients(), material.gradients);
        if (!(away <= GRADIENTS)) {
          throw new Cannot(`Its gradients differ by ${percent(away)}, so it is not timed.`);
        }
        return this.#repeat(row, values, gradients);
      }
      case 'deepfool-5':
        return this.#repeat(row, values, async () => {
          for (const picture of pictures.slice(0, 5)) await contender.deepfool(picture);
        });
      case 'universal-640': {
        const count = Math.min(UNIVERSAL_GRADIENTS, this.plan.repeats * 4 * pictures.length);
        if (count < UNIVERSAL_GRADIENTS) more.note = `Of only ${count} gradients.`;
        return this.#repeat(row, values, () => contender.universal(pictures, count), 0);
      }
      case 'stream-clean':
        return this.#stream(row, values, null);
      case 'stream-perturbed':
        return this.#stream(row, values, material.noise);
      case 'own-forward':
        more.counts = await this.#own(row, values, forward);
        return;
      case 'own-gradients-10':
        more.counts = await this.#own(row, values, gradients);
        return;
      case 'load-bytes': {
        const { downloaded } = await contender.cost();
        values.push((downloaded + material.weightBytes) / 1e6);
        return;
      }
      case 'memory': {
        // Counting ours starts it anew: what is held after the same questions.
        if (this.column.own) await contender.cost();
        await forward();
        await gradients().catch(() => {});
        const { bytes, what } = await measuredMemory(async () => (await contender.cost()).memory);
        if (!bytes) throw new Cannot('The browser does not tell what it holds.');
        values.push(bytes / 1e6);
        more.note = what;
      }
    }
  }

  /**
   * @param {Row} row
   * @param {number[]} values
   * @param {() => Promise<unknown>} question
   * @param {number} [warmUp]
   */
  async #repeat(row, values, question, warmUp = WARM_UP) {
    const times = Math.min(row.repeats, this.plan.repeats);
    const begun = performance.now();
    // What is slow is not asked as often.
    const enough = () => performance.now() - begun > row.limit * 500;
    for (let i = 0; i < Math.min(warmUp, times) && !enough(); i++) await question();
    while (values.length < times && !(values.length && enough())) {
      this.report(`${row.title}, ${values.length + 1} of ${times}`);
      values.push(await timed(question));
    }
  }

  /**
   * @param {Row} row
   * @param {number[]} values
   * @param {Perturbation | Float32Array | null} noise
   */
  async #stream(row, values, noise) {
    const times = Math.min(row.repeats, this.plan.repeats);
    const next = await frames();
    for (let i = -WARM_UP; i < times; i++) {
      if (i >= 0) this.report(`${row.title}, frame ${i + 1} of ${times}`);
      const milliseconds = await timed(async () => this.contender.frame(await next(), noise));
      if (i >= 0) values.push(1000 / milliseconds);
    }
  }

  /**
   * The worker's own time for a question, and what it made for it, as means.
   * @param {Row} row
   * @param {number[]} values
   * @param {() => Promise<unknown>} question
   */
  async #own(row, values, question) {
    const { contender } = this;
    await contender.meter();
    await question();
    await contender.meter();
    /** @type {Record<string, number>} */
    const sums = {};
    await this.#repeat(
      row,
      [],
      async () => {
        await question();
        const metered = await contender.meter();
        values.push(metered.milliseconds);
        for (const name of COUNTED) sums[name] = (sums[name] ?? 0) + metered[name];
      },
      0,
    );
    for (const name of Object.keys(sums)) sums[name] /= values.length;
    return sums;
  }

  /**
   * Ends the contender where it takes too long, or somebody presses stop.
   * @template T
   * @param {number} seconds
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #limited(seconds, work) {
    const { signal } = this;
    signal.throwIfAborted();
    let timer = 0;
    /** @type {() => void} */
    let stop = () => {};
    try {
      return await Promise.race([
        work(),
        /** @type {Promise<never>} */ (
          new Promise((_, reject) => {
            timer = window.setTimeout(
              () => reject(new TooSlow(`It took longer than ${seconds} s.`)),
              seconds * 1000,
            );
            stop = () => reject(signal.reason);
            signal.addEventListener('abort', stop);
          })
        ),
      ]);
    } catch (error) {
      if (!(error instanceof Cannot)) {
        this.contender.close();
        this.#opened = false;
      }
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }
}

/** @param {() => Promise<unknown>} question */
async function timed(question) {
  const start = performance.now();
  await question();
  return performance.now() - start;
}

/** @param {number} share */
const percent = (share) =>
  Number.isFinite(share) ? `${(100 * share).toPrecision(2)} %` : 'all of it';

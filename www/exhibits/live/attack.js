/** A search for the smallest noise that is running, DeepFool's or the longer one, and how far it is. */
import { Task } from '../../task.js';
import { deepfoolScene, firstOf, isSmaller, smallerScene } from './scene.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { DeepfoolProgress } from '../../engine/types.js'
 * @import { Scene, Shown, Target } from './scene.js'
 *
 * @typedef {object} Search
 * @property {DeepfoolProgress | null} progress DeepFool's
 * @property {{ gradients: number, most: number } | null} smaller after how many gradients the longer
 *   search, which shows what it has, found that
 */

/**
 * Gradients of the first longer search: a short one finds most of what there is to find within
 * seconds, so that something is seen, and longer ones begin anew. Each further search has so many
 * times as many as all before.
 */
const FIRST = [30, 70, 200];
const FURTHER = 3;

export class Attack {
  #task;
  #changed;
  /** @type {AbortController | null} */
  #finish = null;

  /** @type {Search | null} */
  now = null;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
    this.#task = new Task(() => this.#show(this.#task.running ? this.now : null));
  }

  /** @returns {boolean} whether there was anything to stop */
  stop() {
    return this.#task.stop();
  }

  /**
   * @param {Engine} engine
   * @param {Shown} picture
   * @param {number} label of the class that it should become; -1 for any other
   * @returns {Promise<Scene | null>} null where it was stopped
   */
  async run(engine, picture, label) {
    this.now = { progress: null, smaller: null };
    const scene = await this.#task.run(async (signal) => {
      const target = await targetOf(engine, label);
      const found = await engine.deepfool(picture.pixels, {
        target: target?.label,
        signal,
        onProgress: (progress) => signal.aborted || this.#show({ progress, smaller: null }),
      });
      return deepfoolScene(engine, picture, found, target);
    });
    return scene ?? null;
  }

  /**
   * Looks for a smaller noise than a scene has, and shows each that it finds.
   * @param {Engine} engine
   * @param {Scene} scene with DeepFool's noise, or with a smaller one
   * @param {(scene: Scene) => void} show
   */
  async smaller(engine, scene, show) {
    const { picture, target } = scene;
    const first = firstOf(scene);
    const budgets = scene.searched ? [FURTHER * scene.searched] : FIRST;
    const most = budgets.reduce((sum, budget) => sum + budget);
    const finish = new AbortController();
    this.#finish = finish;
    this.now = { progress: null, smaller: { gradients: 0, most } };
    let best = scene;
    let spent = 0;
    await this.#task.run(async (signal) => {
      for (const gradients of budgets) {
        const before = spent;
        const found = await engine.smallest(picture.pixels, {
          target: target?.label,
          gradients,
          signal,
          finish: finish.signal,
          onBest: async (smaller) => {
            if (signal.aborted) return;
            // One that is not smaller than what is shown is no news.
            const next = await smallerScene(engine, best, smaller);
            if (signal.aborted || !next) return;
            best = next;
            const after = before + smaller.gradients;
            this.#show({ progress: null, smaller: { gradients: after, most } });
            show(next);
          },
        });
        signal.throwIfAborted();
        spent += gradients;
        if (found.fooled && (!scene.fooled || found.norms.l2 <= (best.norms?.l2 ?? Infinity)))
          best = {
            ...(await deepfoolScene(engine, picture, found, target)),
            first,
            smallest: true,
          };
        if (finish.signal.aborted) break;
        show(best);
      }
      signal.throwIfAborted();
      if (isSmaller(best, scene)) return show({ ...best, searched: most });
      const vain = finish.signal.aborted ? 0 : most;
      show({ ...scene, first, vain, searched: most });
    });
  }

  /** Ends the longer search, which keeps what it has. @returns {boolean} whether there was one */
  finish() {
    if (!this.now?.smaller) return false;
    this.#finish?.abort();
    return true;
  }

  /** @param {Search | null} now */
  #show(now) {
    this.now = now;
    this.#changed();
  }
}

/** An address may name a class that this network does not have. @param {Engine} engine @param {number} label @returns {Promise<Target | null>} */
export async function targetOf(engine, label) {
  if (label < 0) return null;
  const name = (await engine.classNames())[label];
  return name === undefined ? null : { label, name };
}

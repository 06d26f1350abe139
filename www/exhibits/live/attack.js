/** A DeepFool that is running, and how far it is. */
import { Task } from '../../task.js';
import { deepfoolScene } from './scene.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { DeepfoolProgress } from '../../engine/types.js'
 * @import { Scene, Shown, Target } from './scene.js'
 */

export class Attack {
  #task;
  #changed;

  /** @type {{ progress: DeepfoolProgress | null } | null} */
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
    this.now = { progress: null };
    const scene = await this.#task.run(async (signal) => {
      const target = await targetOf(engine, label);
      const found = await engine.deepfool(picture.pixels, {
        target: target?.label,
        signal,
        onProgress: (progress) => signal.aborted || this.#show({ progress }),
      });
      return deepfoolScene(engine, picture, found, target);
    });
    return scene ?? null;
  }

  /** @param {{ progress: DeepfoolProgress | null } | null} now */
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

/** A DeepFool that is running, and how far it is. */
import { Task } from '../../task.js';
import { deepfoolScene } from './scene.js';

/**
 * @import { Engine } from '../../engine/engine.js'
 * @import { DeepfoolProgress } from '../../engine/types.js'
 * @import { Scene, Shown } from './scene.js'
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

  /** @param {Engine} engine @param {Shown} picture @returns {Promise<Scene | null>} null where it was stopped */
  async run(engine, picture) {
    this.now = { progress: null };
    const found = await this.#task.run((signal) =>
      engine.deepfool(picture.pixels, {
        signal,
        onProgress: (progress) => signal.aborted || this.#show({ progress }),
      }),
    );
    return found ? deepfoolScene(engine, picture, found) : null;
  }

  /** @param {{ progress: DeepfoolProgress | null } | null} now */
  #show(now) {
    this.now = now;
    this.#changed();
  }
}

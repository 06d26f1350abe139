/** Starts the helpers of pool.js, each a worker. */
import * as Comlink from 'comlink';

/**
 * @import { HelperStart } from './helper.js'
 * @import { HelperFace, Spawned } from './pool.js'
 */

/**
 * @param {HelperStart} start the module that the engine's worker has compiled, and its weights
 * @returns {(failed: () => void) => Spawned}
 */
export const spawner = (start) => (failed) => {
  const worker = new Worker(new URL('./helper.js', import.meta.url), {
    type: 'module',
    name: 'foolscope-helper',
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    failed();
  });
  const remote = Comlink.wrap(/** @type {Comlink.Endpoint} */ (worker));
  const face =
    /** @type {HelperFace & { open: (start: HelperStart) => ReturnType<HelperFace['open']> }} */ (
      /** @type {unknown} */ (remote)
    );
  return {
    face: {
      open: () => face.open(start),
      logits: (x) => face.logits(x),
      forward: (pass, x, answers) => face.forward(pass, x, answers),
      pullBack: (pass, cotangents) => face.pullBack(pass, cotangents),
      forget: (pass) => face.forget(pass),
    },
    end: () => worker.terminate(),
  };
};

/** What a visitor can do with a noise that has grown: save it, or keep it and see it in Live. */
import { offer } from '../../pictures/download.js';
import { Noises, levelsOf, reached } from '../../pictures/noises.js';

/**
 * @import { UniversalResult } from '../../engine/types.js'
 * @import { Settings } from '../../state.js'
 * @import { Run } from './run.js'
 */

/** @param {Run} run */
export async function save({ grown, method, job }) {
  if (!grown) return;
  const { engine, network, wish } = job;
  const name = `universal-${method}-${network}-${wish.norm}${wish.radius}-seed${wish.seed}.npy`;
  offer(name, await engine.toNpy(grown));
}

/**
 * Among the visitor's own noises, which Live shows, and counts there once more,
 * against random noise too.
 * @param {Run} run
 * @param {(label: number) => string} name of a class
 * @returns {Promise<{ change: Partial<Settings>, trouble: string | null }>} the settings that show
 *   it; or why it cannot be kept, in a sentence
 */
export async function keep(run, name) {
  const { engine, lesson, wish } = run.job;
  const { target: label } = wish;
  const aimed = run.method === 'stochastic' && label >= 0;
  const { own, others, ownText, othersText } = lesson;
  const noises = new Noises(engine);
  await noises.open('');
  const noise = noises.made({
    data: run.grown ?? new Float32Array(),
    norm: wish.norm,
    radius: reached(sizeOf(run)),
    ownText,
    othersText,
    uncounted: { own, others },
    target: aimed ? { label, name: name(label) } : null,
  });
  const trouble = await noises.keep(noise);
  const strength = levelsOf(noise);
  return {
    change: { exhibit: 'live', noise: 'universal', universal: noise.id, strength },
    trouble,
  };
}

/** A noise whose worker died has no result of its own. @param {Run} run @returns {Pick<UniversalResult, 'norm' | 'norms' | 'radius'>} */
function sizeOf({ result, job }) {
  const { norm, radius } = job.wish;
  return result ?? { norm, radius, norms: { l2: radius, linf: radius } };
}

import { latestOnly } from '../../latest.js';

/**
 * Runs after what is shown, always with the newest and one at a time; where there
 * is much of it, as of a webcam, with a pause in between, which leaves the time to
 * the picture itself.
 * @template T
 * @param {(value: T) => Promise<void>} work
 * @param {() => number} pause milliseconds
 */
export const follow = (work, pause) =>
  latestOnly(async (/** @type {T} */ value) => {
    await work(value);
    const milliseconds = pause();
    if (milliseconds) await new Promise((resolve) => setTimeout(resolve, milliseconds));
  });

/** A picture whose array may be filled again meanwhile. @param {import('../../engine/types.js').Picture} picture */
export const copyOf = (picture) => ({ ...picture, rgba: picture.rgba.slice() });

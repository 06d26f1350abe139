/**
 * Notices that a worker is gone: one that was ended, or that the browser killed
 * for want of memory, sends no error and no answer. It holds a lock as long as it
 * lives; who waits for the same lock hears of its end at once, however busy it
 * was. Pages over plain http have no locks, and ask instead, when it has nothing
 * else to do.
 */

/** How long an idle worker may take to say that it is there. */
const PATIENCE = 10_000;

/** In the worker: holds the lock for life. @param {string} name @returns {Promise<void>} once it is held */
export function holdForLife(name) {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((resolve) => {
    navigator.locks.request(name, () => {
      resolve();
      return new Promise(() => {});
    });
  });
}

/**
 * In the page, when the worker holds the lock.
 * @param {string} name
 * @param {AbortSignal} signal ends the watch
 * @param {() => void} dead
 */
export function whenFree(name, signal, dead) {
  navigator.locks
    ?.request(name, { signal }, () => {
      if (!signal.aborted) dead();
    })
    .catch(() => {}); // No longer wanted.
}

/**
 * Where there are no locks.
 * @param {() => Promise<unknown>} ask the worker, which has nothing else to do
 * @param {() => void} dead
 */
export function askWhetherAlive(ask, dead) {
  if (navigator.locks) return;
  const timer = setTimeout(dead, PATIENCE);
  ask().finally(() => clearTimeout(timer));
}

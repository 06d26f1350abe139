/**
 * Runs one thing at a time, and of what was asked meanwhile only the newest: a
 * slider or a camera never builds up a queue.
 * @template T
 * @param {(value: T) => Promise<void>} work
 * @returns {(value: T) => Promise<void>} settles when nothing is left to do
 */
export function latestOnly(work) {
  /** @type {{ value: T } | null} */
  let next = null;
  /** @type {Promise<void> | null} */
  let running = null;
  const drain = async () => {
    try {
      while (next) {
        const { value } = next;
        next = null;
        await work(value);
      }
    } finally {
      running = null;
    }
  };
  return (value) => {
    next = { value };
    return (running ??= drain());
  };
}

/**
 * Lets the browser paint, and hear what a visitor does, before work goes on: what
 * takes long is done in parts with pauses between.
 * @returns {Promise<unknown>}
 */
export const pause = () => {
  const { scheduler } = /** @type {{ scheduler?: { yield?: () => Promise<void> } }} */ (globalThis);
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
};

/**
 * Sees to it that the page opens without a network after the first visit. Where
 * the browser refuses (private windows, frames, plain http), the page is the same,
 * and needs its network.
 */
import { Workbox } from 'workbox-window';

/**
 * @typedef {object} Offline
 * @property {() => Promise<string[]>} used addresses of what was fetched, by workers too
 * @property {(take: () => void) => void} newer a newer build of the page waits to be taken, or was
 *   taken by another tab: then files of this build are no longer kept
 */

/** A page that stays open for days looks for a newer build so often. */
const LOOK_EVERY = 3 * 3600e3;

/** @param {Offline} page */
export async function keepForOffline({ used, newer }) {
  // What is embedded is its host's to keep.
  if (!navigator.serviceWorker || window.parent !== window) return;
  const workbox = new Workbox('sw.js');
  let taken = false;
  workbox.addEventListener('waiting', () =>
    newer(async () => {
      taken = true;
      const waiting = (await navigator.serviceWorker.getRegistration())?.waiting;
      // Another tab may have taken it.
      if (waiting) waiting.postMessage({ type: 'take' });
      else location.reload();
    }),
  );
  // The first worker of all takes nothing from anybody.
  const before = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (taken) location.reload();
    else if (before) newer(() => location.reload());
  });
  try {
    await workbox.register();
    await navigator.serviceWorker.ready;
    // Another build's worker may be the one that answers: it keeps only its own.
    const worker = await workbox.getSW();
    worker.postMessage({ type: 'keep', files: await used() });
    setInterval(() => workbox.update().catch(() => {}), LOOK_EVERY);
  } catch {
    // Not allowed here.
  }
}

/** What this thread has fetched so far. */
export const fetched = () =>
  performance
    .getEntriesByType('resource')
    .map(({ name }) => name)
    .filter((name) => name.startsWith(new URL('.', document.baseURI).href));

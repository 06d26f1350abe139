/**
 * The page without a network: what this visitor used is kept, and nothing else.
 *
 * Each build of the page has a cache of its own, named by `BUILD`, so that files of
 * two builds never meet. A new build waits until the visitor takes it, or until no
 * page of the old one is open. Weights are not for here: the engine keeps and
 * checks them itself.
 */
import { clientsClaim } from 'workbox-core';
import { registerRoute, setCatchHandler } from 'workbox-routing';
import { CacheFirst, StaleWhileRevalidate } from 'workbox-strategies';
import { SHARED, SHARED_FILE, SHARED_QUERY } from './shared.js';

/** @typedef {{ type: 'keep', files: string[] } | { type: 'take' }} Message */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** Put here by the bundler, once it knows all files: this build, and the page that starts it. */
const BUILD = '__BUILD__';
/** The files of this build whose names hold a hash, from the page's place. @type {string[]} */
const FILES = JSON.parse('__FILES__');
const CACHE = `foolscope-page-${BUILD}`;
const OURS = /^foolscope-page-/;

const scope = worker.registration.scope;
const within = (/** @type {string} */ path) => new URL(path, scope).href;

/** The engine sees to these by itself. */
const OF_THE_ENGINE = /^(models|perturbations)\/|^(assets|networks)\.json$/;
/** Their names hold a hash of what is in them. */
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

clientsClaim();

worker.addEventListener('install', (event) => event.waitUntil(install()));

/** The page itself, and of the rest what this visitor used of the build before. */
async function install() {
  const cache = await caches.open(CACHE);
  const page = await fetch(scope, { cache: 'reload' });
  if (!page.ok) throw new Error(`the server answered ${page.status}`);
  const text = await page.clone().text();
  await cache.put(scope, page);
  const used = new Set(FILES.filter((file) => text.includes(`"${file}"`)));
  for (const name of (await caches.keys()).filter((name) => OURS.test(name) && name !== CACHE)) {
    const before = await caches.open(name);
    for (const request of await before.keys()) {
      const path = pathOf(new URL(request.url));
      const response = path && !HASHED.test(path) && (await before.match(request));
      if (response) await cache.put(request, response);
      else if (path)
        FILES.filter((file) => plain(file) === plain(path)).forEach((file) => used.add(file));
    }
  }
  if (used.size) await cache.addAll([...used].map(within));
}

/** Without its hash. @param {string} file */
const plain = (file) => file.replace(HASHED, (end) => end.slice(13));

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => OURS.test(name) && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name)))),
  );
});

worker.addEventListener('message', (event) => {
  const message = /** @type {Message} */ (event.data);
  if (message?.type === 'take') worker.skipWaiting();
  if (message?.type === 'keep') event.waitUntil(keep(message.files));
});

// Of this build, whatever the server has meanwhile: its files fit together.
registerRoute(
  ({ request, url }) => request.mode === 'navigate' && pathOf(url) === '',
  async ({ request, url }) => {
    const kept = await caches.match(scope, { cacheName: CACHE });
    // A shared picture waits in its cache; the page that starts looks there.
    if (kept) return kept;
    return fetch(request.mode === 'navigate' ? new Request(url) : request);
  },
);

registerRoute(
  ({ request, url, sameOrigin }) => sameOrigin && request.mode === 'navigate' && pathOf(url) === '',
  takeShared,
  'POST',
);

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && pathOf(url) !== null && HASHED.test(url.pathname),
  new CacheFirst({ cacheName: CACHE }),
);

// Photographs, result files, further pages: shown at once, and fresh the next time.
registerRoute(
  ({ request, url, sameOrigin }) => {
    // What is kept elsewhere, such as a network, is asked for like this.
    if (request.cache === 'no-store') return false;
    const path = sameOrigin ? pathOf(url) : null;
    return path !== null && path !== '' && !path.endsWith('sw.js') && !OF_THE_ENGINE.test(path);
  },
  new StaleWhileRevalidate({ cacheName: CACHE }),
);

// As without a worker: the page says what is missing.
setCatchHandler(async () => Response.error());

/** A place below the page's own, or null. @param {URL} url */
function pathOf({ origin, pathname }) {
  const place = new URL(scope);
  if (origin !== place.origin || !pathname.startsWith(place.pathname)) return null;
  const path = pathname.slice(place.pathname.length);
  return path === 'index.html' ? '' : path;
}

/**
 * Files that were fetched before there was this worker: mostly they come from the
 * browser's own cache.
 * @param {string[]} files
 */
async function keep(files) {
  const cache = await caches.open(CACHE);
  await Promise.all(
    files.map(async (file) => {
      const path = pathOf(new URL(file));
      if (!path || OF_THE_ENGINE.test(path) || (await cache.match(file))) return;
      const response = await fetch(file, { cache: 'force-cache' }).catch(() => null);
      // Full storage must not end the rest: without it the page works, with a network.
      if (response?.ok) await cache.put(file, response).catch(() => {});
    }),
  );
}

/**
 * A picture that another application shares with the page.
 * @param {{ request: Request }} asked
 */
async function takeShared({ request }) {
  const form = await request.formData();
  const file = form.get('picture');
  if (file instanceof File) {
    const cache = await caches.open(SHARED);
    const headers = { 'Content-Type': file.type, 'X-Name': encodeURIComponent(file.name) };
    await cache.put(within(SHARED_FILE), new Response(file, { headers }));
  }
  return Response.redirect(within(`?${SHARED_QUERY}`), 303);
}

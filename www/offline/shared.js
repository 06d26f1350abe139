/**
 * A picture that was shared with the page from another application: the service
 * worker puts it into a cache, and the page that opens takes it out.
 */

export const SHARED = 'foolscope-shared';
export const SHARED_FILE = 'shared-picture';
/** What the address says after the question mark when there is one. */
export const SHARED_QUERY = 'shared';

/** @param {string} page its address @returns {Promise<File | null>} once; null where nothing was shared */
export async function takeShared(page) {
  try {
    if (!(await caches.has(SHARED))) return null;
    const response = await caches.match(new URL(SHARED_FILE, page), { cacheName: SHARED });
    if (!response) return null;
    const name = decodeURIComponent(response.headers.get('X-Name') ?? '');
    const type = response.headers.get('Content-Type') ?? '';
    const file = new File([await response.arrayBuffer()], name, { type });
    await caches.delete(SHARED);
    return file;
  } catch {
    return null; // Where nothing may be stored, nothing can have been shared.
  }
}

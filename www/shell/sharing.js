/** The link to the page as it stands: handed to the system, copied, or shown; and what is not in it. */
import { isOwnId } from '../pictures/noises.js';
import { OWN_PICTURE, TABLE } from '../state.js';
import * as words from '../words/shell.js';

/**
 * @import { Engine } from '../engine/engine.js'
 * @import { Notice } from '../parts/notice-bar.js'
 * @import { Settings } from '../state.js'
 */

/**
 * @param {Settings} settings
 * @param {Engine | null} engine
 * @returns {Promise<Notice | null>} what to say of it
 */
export async function shareLink(settings, engine) {
  const url = location.href;
  const own = ownNetwork(engine);
  const onlyHere = own && words.linkOnlyHere(own);
  try {
    if (navigator.share && matchMedia('(pointer: coarse)').matches) {
      await navigator.share({ title: document.title, url });
      return onlyHere ? { about: 'share', text: onlyHere, kind: 'news' } : null;
    }
    await navigator.clipboard.writeText(url);
    const text = onlyHere ? [shared(settings), onlyHere] : shared(settings);
    return { about: 'share', text, kind: 'news' };
  } catch (error) {
    if (/** @type {Error} */ (error).name === 'AbortError') return null;
    const text = onlyHere ? `${onlyHere} ${words.COPY_LINK}` : words.COPY_LINK;
    return { about: 'share', text, link: url };
  }
}

/** @param {Settings} settings */
function shared({ sample, noise, universal }) {
  const ownNoise = (noise === 'universal' || noise === 'random') && isOwnId(universal);
  if (sample === OWN_PICTURE)
    return ownNoise ? words.LINK_WITHOUT_BOTH : words.LINK_WITHOUT_PICTURE;
  return ownNoise ? words.LINK_WITHOUT_NOISE : words.LINK_COPIED;
}

/**
 * A network that only this browser has, and the one that others see in its place.
 * @param {Engine | null | undefined} engine
 * @returns {{ network: string, usual: string } | null}
 */
export function ownNetwork(engine) {
  // Those that the site lists are downloaded elsewhere too.
  if (!engine?.network.id.startsWith('own-')) return null;
  const usual = engine.networks.find(({ id }) => id === TABLE.network.default)?.title ?? '';
  return { network: engine.network.title, usual };
}

/** The link to the page as it stands: handed to the system, copied, or shown; and what is not in it. */
import { isOwnId } from '../pictures/noises.js';
import { OWN_PICTURE } from '../state.js';
import * as words from '../words/shell.js';

/**
 * @import { Notice } from '../parts/notice-bar.js'
 * @import { Settings } from '../state.js'
 */

/** @param {Settings} settings @returns {Promise<Notice | null>} what to say of it */
export async function shareLink(settings) {
  const url = location.href;
  try {
    if (navigator.share && matchMedia('(pointer: coarse)').matches) {
      await navigator.share({ title: document.title, url });
      return null;
    }
    await navigator.clipboard.writeText(url);
    return { about: 'share', text: shared(settings), kind: 'news' };
  } catch (error) {
    if (/** @type {Error} */ (error).name === 'AbortError') return null;
    return { about: 'share', text: words.COPY_LINK, link: url };
  }
}

/** @param {Settings} settings */
function shared({ sample, noise, universal }) {
  const ownNoise = (noise === 'universal' || noise === 'random') && isOwnId(universal);
  if (sample === OWN_PICTURE)
    return ownNoise ? words.LINK_WITHOUT_BOTH : words.LINK_WITHOUT_PICTURE;
  return ownNoise ? words.LINK_WITHOUT_NOISE : words.LINK_COPIED;
}

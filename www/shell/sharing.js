/** The link to the page as it stands: handed to the system, copied, or shown; and what is not in it. */
import { isOwnId } from '../pictures/noises.js';
import { OWN_PICTURE } from '../state.js';

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
    return { about: 'share', text: 'Copy this link:', link: url };
  }
}

/** @param {Settings} settings */
function shared({ sample, noise, universal }) {
  const ownNoise = (noise === 'universal' || noise === 'random') && isOwnId(universal);
  if (sample === OWN_PICTURE) {
    return `The link was copied. Your own picture${ownNoise ? ' and noise are' : ' is'} not in it: it opens with ${ownNoise ? 'those of this page' : 'a sample picture'}.`;
  }
  return ownNoise
    ? 'The link was copied. Your own noise is not in it: elsewhere it opens with the shipped one.'
    : 'The link to this page, as it stands, was copied.';
}

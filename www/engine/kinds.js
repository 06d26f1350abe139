/**
 * What a file is, by its first bytes, where the browser could not make a picture
 * of it: said by name, with what to do.
 */
import { NO_PICTURE as words } from '../words/engine.js';

/** Brands of the container that HEIC and AVIF share. */
const BRANDS = [
  { name: 'HEIC', pattern: /^(heic|heix|heim|heis|hevc|hevx|mif1|msf1)/ },
  { name: 'AVIF', pattern: /^(avif|avis)/ },
];

/**
 * @param {Uint8Array} head
 * @returns {string} one or two sentences
 */
export function whyNoPicture(head) {
  const text = String.fromCharCode(...head.subarray(0, 512));
  if (head.length === 0) return words.empty;
  if (text.slice(4, 8) === 'ftyp') {
    const brands = text.slice(8, 64);
    const brand = BRANDS.find(({ pattern }) => pattern.test(brands));
    if (brand?.name === 'HEIC') {
      return words.heic;
    }
    if (brand) return words.avif;
    return words.film;
  }
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(text)) {
    return words.svg;
  }
  if (text.startsWith('%PDF')) {
    return words.pdf;
  }
  if (/^(II\*\0|MM\0\*)/.test(text)) {
    return words.tiff;
  }
  if (/^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|BM)/s.test(text)) {
    return words.damaged;
  }
  return words.other;
}

/**
 * What a file is, by its first bytes, where the browser could not make a picture
 * of it: said by name, with what to do.
 */

const SHOW_INSTEAD = 'Choose a JPEG, PNG, WebP or GIF file.';

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
  if (head.length === 0) return `This file is empty. ${SHOW_INSTEAD}`;
  if (text.slice(4, 8) === 'ftyp') {
    const brands = text.slice(8, 64);
    const brand = BRANDS.find(({ pattern }) => pattern.test(brands));
    if (brand?.name === 'HEIC') {
      return 'This is a HEIC picture, as iPhones save them, which this browser cannot read. Export it as JPEG, then choose that file.';
    }
    if (brand) return `This is an AVIF picture that this browser cannot read. ${SHOW_INSTEAD}`;
    return 'This is a film, not a picture. Choose one picture of it, as JPEG or PNG.';
  }
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(text)) {
    return 'This is an SVG drawing, which has no pixels yet. Export it as PNG, then choose that file.';
  }
  if (text.startsWith('%PDF')) {
    return 'This is a PDF document, not a picture. Export the page as PNG, then choose that file.';
  }
  if (/^(II\*\0|MM\0\*)/.test(text)) {
    return 'This is a TIFF or raw picture, which this browser cannot read. Export it as JPEG or PNG, then choose that file.';
  }
  if (/^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|BM)/s.test(text)) {
    return 'This picture is damaged or incomplete: the browser cannot read it. Copy the file once more, or choose another.';
  }
  return `This file is not a picture that the browser can read. ${SHOW_INSTEAD}`;
}

/** Files that a visitor takes along. */
import { encode } from 'fast-png';

/**
 * Not by way of a canvas: some browsers alter what is read back from one.
 * @param {{ rgba: Uint8ClampedArray<ArrayBuffer>, side: number }} picture
 */
export const png = ({ rgba, side }) =>
  /** @type {Uint8Array<ArrayBuffer>} */ (
    encode({ data: rgba, width: side, height: side, channels: 4 })
  );

/** @param {string} name @param {Uint8Array<ArrayBuffer> | string} content */
export function offer(name, content) {
  const url = URL.createObjectURL(new Blob([content]));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

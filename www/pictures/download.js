/** Files that a visitor takes along. */

/**
 * Not by way of a canvas: some browsers alter what is read back from one.
 * @param {{ rgba: Uint8ClampedArray<ArrayBuffer>, side: number }} picture
 */
export async function png({ rgba, side }) {
  // It is in the same file, and begun when the first is saved.
  const { encode } = await import(/* webpackMode: "eager" */ 'fast-png');
  return /** @type {Uint8Array<ArrayBuffer>} */ (
    encode({ data: rgba, width: side, height: side, channels: 4 })
  );
}

/** @param {string} name @param {Uint8Array<ArrayBuffer> | string} content */
export function offer(name, content) {
  const url = URL.createObjectURL(new Blob([content]));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

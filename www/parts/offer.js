/**
 * A file for the visitor to keep.
 * @param {string} name
 * @param {Uint8Array<ArrayBuffer> | string} content
 */
export function offer(name, content) {
  const url = URL.createObjectURL(new Blob([content]));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Files dropped anywhere on the page. */

/**
 * @import { Page } from '@playwright/test'
 * @import { Upload } from './files.js'
 */

/**
 * Drops files, or other data, on the page.
 * @param {Page} page
 * @param {Upload[]} files
 * @param {Record<string, string>} [data] by type
 */
export async function drop(page, files, data = {}) {
  const given = files.map(({ buffer, ...file }) => ({ ...file, body: buffer.toString('base64') }));
  await page.evaluate(([given, data]) => {
    const dataTransfer = new DataTransfer();
    for (const { name, mimeType, body } of given) {
      const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name, { type: mimeType }));
    }
    for (const [type, value] of Object.entries(data)) dataTransfer.setData(type, value);
    window.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
  }, /** @type {const} */ ([given, data]));
}

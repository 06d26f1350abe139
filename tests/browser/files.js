/** Picture files made for tests: too small, too large, not a picture. */
import { crc32, deflateSync } from 'node:zlib';

/** @typedef {{ name: string, mimeType: string, buffer: Buffer }} Upload */

/**
 * A white PNG of any size, one bit a pixel.
 * @param {string} name
 * @param {number} width
 * @param {number} height
 * @returns {Upload}
 */
export function whitePng(name, width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  // Each row begins with its filter, none.
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(Math.ceil(width / 8), 255)]);
  const rows = Buffer.alloc(row.length * height, row);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')];
  return { name, mimeType: 'image/png', buffer: Buffer.concat([signature, ...chunks]) };
}

/** A PNG of 16 × 16 pixels on which there is nothing: all of it is transparent. @returns {Upload} */
export function clearPng() {
  const header = Buffer.from([0, 0, 0, 16, 0, 0, 0, 16, 8, 6, 0, 0, 0]);
  const rows = Buffer.alloc(16 * (1 + 4 * 16));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')];
  return {
    name: 'clear.png',
    mimeType: 'image/png',
    buffer: Buffer.concat([signature, ...chunks]),
  };
}

/** @param {string} kind @param {Buffer} [data] */
function chunk(kind, data = Buffer.alloc(0)) {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** @returns {Upload} */
export const textAsJpeg = () => ({
  name: 'notes.jpg',
  mimeType: 'image/jpeg',
  buffer: Buffer.from('These are notes, not a picture.\n'),
});

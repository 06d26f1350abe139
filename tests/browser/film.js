/**
 * A film for Chromium's fake camera, made of the sample photos: Y4M, which is
 * raw frames in YCbCr 4:2:0 after a line of text. Chromium itself decodes the
 * photos.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { launch } from './playwright.config.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Three of whose answers the classifier is sure enough that random noise does not change them. */
export const PHOTOS = ['coffee.png', 'motorcycle_left.png', 'rocket.jpg'];

const [width, height] = [640, 480];
const framesPerSecond = 30;
const framesPerPhoto = 30;

/**
 * @param {string[]} photos files in www/assets/samples
 * @returns {Promise<string>} the film's path
 */
export async function makeFilm(photos) {
  const parts = [
    Buffer.from(`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`),
  ];
  const browser = await chromium.launch(launch());
  const page = await browser.newPage();
  for (const photo of photos) {
    const file = await readFile(path.join(root, 'www/assets/samples', photo), 'base64');
    const rgba = await page.evaluate(decode, { file, width, height });
    const frame = Buffer.concat([Buffer.from('FRAME\n'), planes(Buffer.from(rgba, 'base64'))]);
    for (let i = 0; i < framesPerPhoto; i++) parts.push(frame);
  }
  await browser.close();
  const film = path.join(root, 'target/camera.y4m');
  await mkdir(path.dirname(film), { recursive: true });
  await writeFile(film, Buffer.concat(parts));
  return film;
}

/**
 * Runs in the browser: the middle of a photo, as base64 RGBA.
 * @param {{ file: string, width: number, height: number }} photo
 */
async function decode({ file, width, height }) {
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const [w, h] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
  const { data } = context.getImageData(0, 0, width, height);
  let text = '';
  for (let i = 0; i < data.length; i += 4096)
    text += String.fromCharCode(...data.subarray(i, i + 4096));
  return btoa(text);
}

/**
 * The planes Y, Cb and Cr (BT.601, video range); colour is taken from every second pixel.
 * @param {Buffer} rgba
 */
function planes(rgba) {
  const luma = Buffer.alloc(width * height);
  const blue = Buffer.alloc((width * height) / 4);
  const red = Buffer.alloc((width * height) / 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 3);
      luma[y * width + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (x % 2 || y % 2) continue;
      const at = (y / 2) * (width / 2) + x / 2;
      blue[at] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
      red[at] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
    }
  }
  return Buffer.concat([luma, blue, red]);
}

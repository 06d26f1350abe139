/** Frames as a webcam would give them, without one: a photo that moves on a canvas of 640 × 480. */

const [WIDTH, HEIGHT] = [640, 480];

/** @returns {Promise<() => Promise<ImageBitmap>>} the next frame, whenever it is asked for */
export async function frames() {
  const response = await fetch('samples/coffee.png');
  const photo = await createImageBitmap(await response.blob());
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  let count = 0;
  return () => {
    const shift = 20 * Math.sin(count++ / 5);
    pen.drawImage(photo, shift - 20, shift - 20, WIDTH + 40, HEIGHT + 40);
    return createImageBitmap(canvas);
  };
}

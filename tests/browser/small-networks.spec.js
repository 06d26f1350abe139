/** The networks that the project trained: small enough to be there at once. */
import { expect, openEmptyPage, test } from './visit.js';
import { Live } from './live.js';

for (const network of ['lenet-mnist', 'fc-mnist']) {
  test(`${network} loads within a second and reads drawn digits`, async ({ page, address }) => {
    await openEmptyPage(page, address);
    const { milliseconds, read } = await page.evaluate(
      async ([engineUrl, network]) => {
        const { createEngine } = await import(engineUrl);
        // The wasm is compiled and cached by then, as on a page that shows another network.
        await createEngine({ network, device: 'cpu' });
        const begun = performance.now();
        const engine = await createEngine({ network, device: 'cpu' });
        const milliseconds = performance.now() - begun;

        /** White strokes on black, round and thick as a pen's. @type {Record<string, number[][]>} */
        const strokes = {
          1: [[14, 5, 14, 23]],
          7: [
            [7, 6, 20, 6],
            [20, 6, 12, 23],
          ],
          4: [
            [9, 5, 8, 14],
            [8, 14, 20, 14],
            [18, 5, 17, 23],
          ],
        };
        /** @type {Record<string, string>} */
        const read = {};
        for (const [digit, lines] of Object.entries(strokes)) {
          const canvas = new OffscreenCanvas(280, 280);
          const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
          pen.scale(10, 10);
          pen.fillRect(0, 0, 28, 28);
          Object.assign(pen, { strokeStyle: 'antiquewhite', lineWidth: 2.6, lineCap: 'round' });
          for (const [x, y, toX, toY] of lines) {
            pen.beginPath();
            pen.moveTo(x, y);
            pen.lineTo(toX, toY);
            pen.stroke();
          }
          const picture = await engine.loadPicture(await canvas.convertToBlob());
          const { clean } = await engine.classify(picture);
          read[digit] = clean.top[0].name;
          // It sees no colours, and so shows none.
          for (let at = 0; at < picture.rgba.length; at += 4) {
            const [r, g, b] = picture.rgba.subarray(at, at + 3);
            if (r !== g || g !== b) throw new Error('a grey picture has colours');
          }
        }
        return { milliseconds, read };
      },
      [`${address}engine.js`, network],
    );
    expect(read).toEqual({ 1: '1', 4: '4', 7: '7' });
    expect(milliseconds).toBeLessThan(1000);
  });
}

for (const network of ['lenet-cifar10', 'nin-cifar10']) {
  test(`${network} loads within a second and sees the cat`, async ({ page, address }) => {
    await openEmptyPage(page, address);
    const { milliseconds, read } = await page.evaluate(
      async ([engineUrl, network]) => {
        const { createEngine } = await import(engineUrl);
        const options = { network, device: 'cpu' };
        await createEngine(options);
        const begun = performance.now();
        const engine = await createEngine(options);
        const milliseconds = performance.now() - begun;
        const { clean } = await engine.classify(await engine.loadPicture('samples/chelsea.png'));
        return { milliseconds, read: clean.top[0].name };
      },
      [`${address}engine.js`, network],
    );
    expect(read).toBe('cat');
    expect(milliseconds).toBeLessThan(1000);
  });
}

for (const [network, count] of /** @type {const} */ ([
  ['lenet-mnist', 10],
  ['fc-mnist', 10],
  ['lenet-cifar10', 10],
  ['nin-cifar10', 10],
])) {
  test(`${network} is shown what it was trained on, and reads all of it`, async ({
    page,
    address,
  }) => {
    const live = new Live(page);
    await live.open(`${address}?network=${network}&device=cpu`);
    const buttons = page.locator('button[data-sample]');
    await expect(buttons).toHaveCount(count);
    /** @type {string[]} */
    const wrong = [];
    for (const button of await buttons.all()) {
      const id = String(await button.getAttribute('data-sample'));
      await button.click();
      await live.shows(id, 'none');
      const expected = id === 'chelsea' ? 'cat' : id.replace(/^(digit|drawn)-/, '');
      const read = await live.clean.locator('.bar-name').first().innerText();
      if (read !== expected) wrong.push(`${id} read as ${read}`);
    }
    expect(wrong).toEqual([]);
  });
}

test('the page shows another network when it is chosen, and DeepFool fools it', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=cpu&sample=coffee`);
  await expect(page.locator('#network')).toHaveValue('lenet-mnist');
  await live.deepfool.click();
  await live.shows('coffee', 'deepfool');
  expect(await live.fooled()).toBe(true);
  await page.locator('#network').selectOption('efficientnet-lite0');
  // The picture is read again at the size that this one sees, and attacked.
  await expect(live.clean).toContainText('espresso');
  await live.shows('coffee', 'deepfool');
  expect(await live.fooled()).toBe(true);
});

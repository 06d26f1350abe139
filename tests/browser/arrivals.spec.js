/** What people drop, in whatever number: taken, or told by name; nothing is left out without a word. */
import { readFile } from 'node:fs/promises';
import { drop } from './drop.js';
import { clearPng, textAsJpeg, whitePng } from './files.js';
import { Live } from './live.js';
import { expect, test } from './visit.js';

const photo = async (/** @type {string} */ name) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await readFile(new URL(`../../www/assets/samples/${name}`, import.meta.url)),
});

test('of several files the first picture is shown, the others are named', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await drop(page, [textAsJpeg(), await photo('rocket.jpg'), await photo('china.jpg')]);
  await expect(live.exhibit).toHaveAttribute('data-picture', /^rocket\.jpg/);
  await expect(live.notice).toContainText('Left out: china.jpg.');
  await expect(live.notice.locator('li').last()).toHaveText(/^notes\.jpg: This file is not/);
  // The next picture settles it.
  await live.choose('chelsea');
  await expect(live.notice).toHaveCount(0);
});

test('a bad file is told until a good one comes', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  for (const [file, sentence] of /** @type {const} */ ([
    [{ ...textAsJpeg(), name: 'IMG.HEIC', buffer: heic }, /HEIC/],
    [{ ...textAsJpeg(), name: 'a.svg', buffer: Buffer.from('<svg xmlns="x"/>') }, /SVG/],
    [{ ...textAsJpeg(), name: 'big.jpg', buffer: Buffer.alloc(3 << 20) }, /not a picture/],
    [clearPng(), /wholly transparent/],
  ])) {
    await live.upload(file);
    await expect(live.notice.locator('p')).toHaveText(sentence);
  }
  await live.upload(await photo('rocket.jpg'));
  await expect(live.exhibit).toHaveAttribute('data-picture', /^rocket/);
  await expect(live.notice).toHaveCount(0);
});

const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');

test('a picture of more than 64 million pixels is shown', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(address);
  await live.upload(whitePng('huge.png', 12_000, 9_000));
  await expect(live.exhibit).toHaveAttribute('data-picture', /^huge/);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
});

test('the page’s own thumbnail and its pictures are taken, a link to elsewhere is told', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await page.locator('button[data-sample="rocket"]').dragTo(page.locator('#picture .square'));
  await live.shows('rocket', 'none');
  await drop(page, [], { 'text/uri-list': `${address}samples/chelsea.png` });
  await live.shows('chelsea', 'none');
  await drop(page, [], { 'text/uri-list': 'https://example.com/cat.jpg' });
  await expect(live.notice.locator('p')).toHaveText(/link.*Save the picture first/);
  await drop(page, [], { 'text/plain': 'a cat' });
  await expect(live.notice.locator('p')).toHaveText(/This is not a file/);
  await drop(page, [await photo('china.jpg')], { 'text/plain': 'a temple' });
  await expect(live.exhibit).toHaveAttribute('data-picture', /^china/);
});

test('all files that are dropped on the open workshop are added, each bad one is named', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(address);
  await live.openWorkshop();
  await page.locator('#from-samples').uncheck();
  const good = await Promise.all(['rocket.jpg', 'china.jpg', 'flower.jpg'].map(photo));
  const bad = { ...textAsJpeg(), name: 'more.txt' };
  await drop(page, [textAsJpeg(), ...good, bad]);
  await expect(page.locator('#lesson')).toHaveText(/learns from 3 photos/);
  await expect(live.notice.locator('li')).toHaveText([/^notes\.jpg: /, /^more\.txt: /]);
  // It stands above the dialog, and can be closed.
  await live.notice.getByRole('button', { name: 'Close' }).click();
  await expect(live.notice).toHaveCount(0);
  await drop(page, [], { 'text/uri-list': 'https://example.com/cat.jpg' });
  await expect(live.notice).toContainText('This is a link');
  await page.keyboard.press('Escape');
  await expect(live.notice).toBeVisible();
});

test('a photo that is chosen before the engine is there is shown, and then answered', async ({
  page,
  address,
}) => {
  /** @type {() => void} */
  let arrive = () => {};
  const arrival = new Promise((resolve) => (arrive = () => resolve(undefined)));
  await page.route('**/cpu/*.wasm', async (route) => {
    await arrival;
    await route.continue();
  });
  await page.goto(address);
  const live = new Live(page);
  await expect(page.locator('#picture .preview img')).toBeVisible();
  await live.upload(await photo('flower.jpg'));
  await expect(live.picture).toContainText('flower.jpg');
  await expect(page.locator('#picture .preview canvas')).toHaveJSProperty('width', 640);
  // The weights arrive meanwhile, and both are one sum.
  await expect(page.locator('#loading')).toContainText(/Loading .*: 9\.\d of 1\d\.\d MB/);
  arrive();
  await expect(live.exhibit).toHaveAttribute('data-picture', /^flower/);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
});

for (const [what, names, said] of /** @type {const} */ ([
  ['a canvas', ['OffscreenCanvasRenderingContext2D.prototype.getImageData'], null],
  [
    'a canvas and a frame',
    ['OffscreenCanvasRenderingContext2D.prototype.getImageData', 'VideoFrame.prototype.copyTo'],
    /alters the pixels that pages read/,
  ],
])) {
  test(`a browser that alters what is read from ${what} is noticed`, async ({ page, address }) => {
    const script = names
      .map((name) => {
        const [on, method] = [name.slice(0, name.lastIndexOf('.')), name.split('.').at(-1)];
        return `if (globalThis.${name.split('.')[0]}) {
          const real = ${on}.${method};
          ${on}.${method} = function (...given) {
            const alter = (data) => data && data.fill(9);
            const read = real.apply(this, given);
            if (read.then) return read.then((done) => (alter(given[0]), done));
            alter(read.data);
            return read;
          };
        }`;
      })
      .join('\n');
    await page.route('**/*.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${script}\n${await response.text()}` });
    });
    const live = new Live(page);
    if (said) {
      await page.goto(address);
      await expect(live.notice.locator('p')).toHaveText(said);
    } else {
      await live.open(address);
      await expect(live.clean.locator('.bar-name').first()).toHaveText(/espresso/i);
    }
  });
}

/** A visitor's own network: dropped, recognised, used like those that are shipped, kept, forgotten. */
import { AxeBuilder } from '@axe-core/playwright';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { drop } from './drop.js';
import { exhibits, shown } from './exhibits.js';
import { Live } from './live.js';
import { newerFile, olderFile } from './pth.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const at = (/** @type {string} */ name) => new URL(`../files/bring/${name}`, import.meta.url);

/** Made by `tests/files/make_small_onnx.py`. @param {string} name */
const file = async (name, mimeType = '') => ({ name, mimeType, buffer: await readFile(at(name)) });

const START = '?network=lenet-mnist&device=cpu';

/** @param {Page} page */
async function openBring(page) {
  await page.locator('select#network').selectOption({ label: 'Bring your own…' });
  await expect(page.locator('dialog.bring')).toBeVisible();
}

/** Brings the small network, and waits until it answers. @param {Page} page @param {Live} live */
async function bring(page, live) {
  await drop(page, [await file('small.onnx'), await file('small.txt', 'text/plain')]);
  const dialog = page.locator('dialog.bring');
  await expect(dialog.locator('#bring-proposal')).not.toBeEmpty({ timeout: 60_000 });
  await page.locator('#bring-keep').click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('select#network')).toHaveValue(/^own-/);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  return page.locator('select#network').inputValue();
}

/** What the engine answers to the picture that a reference is known for. @param {Page} page */
const logits = async (page) => {
  const png = (await file('small.png')).buffer.toString('base64');
  return page.evaluate(async (png) => {
    const { engine } = /** @type {any} */ (window).foolscope;
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    const picture = await engine.loadPicture(new Blob([bytes], { type: 'image/png' }));
    return /** @type {number[]} */ ([...(await engine.logits(picture))]);
  }, png);
};

/** @param {Page} page */
async function answersAsReference(page) {
  const { logits: reference } = JSON.parse((await file('small.json')).buffer.toString());
  const found = await logits(page);
  expect(found).toHaveLength(reference.length);
  for (const [index, value] of reference.entries())
    expect(Math.abs(found[index] - value)).toBeLessThan(1e-3);
}

/** What the browser's own part of the disk holds. @param {Page} page */
const stored = (page) =>
  page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('own');
    /** @type {Record<string, string>} */
    const found = {};
    for await (const name of /** @type {any} */ (folder).keys()) {
      const bytes = await (await (await folder.getFileHandle(name)).getFile()).arrayBuffer();
      const hash = await crypto.subtle.digest('SHA-256', bytes);
      found[name] = `${bytes.byteLength} ${new Uint8Array(hash).join(' ')}`;
    }
    return found;
  });

/**
 * Keeps a network through the engine alone.
 * @param {Page} page
 * @param {{ name: string, buffer: Buffer }[]} files
 * @param {Record<string, unknown>} [options] beside the title, the names and the short side that the files give
 */
const keep = (page, files, options = {}) =>
  page.evaluate(
    async ([files, options]) => {
      const { engine } = /** @type {any} */ (window).foolscope;
      const given = files.map(({ name, body }) => {
        const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
        return new File([bytes], name);
      });
      const opened = await engine.importNetwork(given);
      const { title, names, shortSide } = opened.about;
      const { id, ...kept } = await opened.keep({ title, names, shortSide, ...options });
      return /** @type {{ id: string, title: string }} */ ({ id, title: kept.title });
    },
    /** @type {const} */ ([
      files.map(({ name, buffer }) => ({ name, body: buffer.toString('base64') })),
      options,
    ]),
  );

/** Drops the small network, and waits for the form. @param {Page} page */
async function fillIn(page) {
  await drop(page, [await file('small.onnx'), await file('small.txt', 'text/plain')]);
  await expect(page.locator('#bring-proposal')).not.toBeEmpty({ timeout: 60_000 });
  await expect(page.locator('#bring-keep')).toBeEnabled();
}

test('an ONNX file is dropped, proposed Caffe’s way, answers as onnxruntime, and is attacked', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  await drop(page, [await file('small.onnx'), await file('small.txt', 'text/plain')]);
  const dialog = page.locator('dialog.bring');
  await expect(page.locator('#bring-facts')).toContainText('sees 32 × 32 pixels, tells 8 classes');
  await expect(dialog.locator('#bring-proposal')).toContainText('Caffe’s way', { timeout: 60_000 });
  await expect(dialog.locator('#bring-proposal')).toContainText(/\d+\s%.*8 different classes/);
  await expect(dialog.locator('input[value="caffe"]')).toBeChecked();
  await expect(dialog.locator('input[value="file"]')).toBeChecked();
  await page.locator('#bring-title').fill('Eight photos');
  await page.locator('#bring-keep').click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('select#network')).toHaveValue(/^own-[0-9a-f]{12}$/);
  await live.shows('coffee', 'none');
  await expect(live.sentence).toContainText('Eight photos is');
  await expect(live.sentence).toContainText('A cup of coffee');
  await answersAsReference(page);

  await live.deepfool.click();
  await live.shows('coffee', 'deepfool');
  expect(await live.fooled()).toBe(true);

  await live.openWorkshop();
  await page.locator('#make').click();
  await expect(live.workshop).toBeHidden();
  // It is shown as it grows: it is the noise in use only once it is made, and counted.
  await expect(live.exhibit).toHaveAttribute('data-noise', 'universal', { timeout: 90_000 });
  await expect(live.exhibit).toHaveAttribute('data-making', 'no', { timeout: 90_000 });
  await live.shows('coffee', 'universal');
  const { data } = await live.noise();
  expect(data).toHaveLength(3 * 32 * 32);
  expect(Math.max(...data)).toBeGreaterThan(0);
});

/** A plain safetensors file, such as those that the page downloads. @param {string} network */
const safetensors = (network) =>
  readFile(new URL(`../../www/models/${network}.safetensors`, import.meta.url));

for (const [kind, make, network, facts] of /** @type {const} */ ([
  ['of PyTorch today', newerFile, 'lenet-cifar10', /PyTorch.*sees 32 × 32 pixels, tells 10/],
  ['of PyTorch before 1.6', olderFile, 'lenet-mnist', /PyTorch.*sees 28 × 28 pixels in grey/],
  ['of safetensors', safetensors, 'lenet-mnist', /safetensors.*sees 28 × 28 pixels in grey/],
])) {
  test(`a file ${kind} is told by its tensors and answers as the same network here`, async ({
    page,
    address,
  }) => {
    const live = new Live(page);
    await live.open(`${address}?network=${network}&device=cpu`);
    const expected = await logits(page);
    await drop(page, [{ name: 'mine', mimeType: '', buffer: await make(network) }]);
    await expect(page.locator('#bring-facts')).toContainText(facts);
    await expect(page.locator('dialog.bring')).toContainText('tensors are those of LeNet');
    await page.locator('#bring-keep').click();
    await expect(page.locator('dialog.bring')).toBeHidden();
    await expect(page.locator('select#network')).toHaveValue(/^own-/);
    await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
    expect(await logits(page)).toEqual(expected);
  });
}

test('a file of ours says itself how pixels go in, and its form which way that is', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const numbers = { mean: [100, 110, 120], deviation: [50, 50, 50], blueFirst: false };
  for (const [options, said] of /** @type {const} */ ([
    [{ preset: 'caffe' }, 'Built into the file: Caffe’s way (blue first'],
    [{ pixels: numbers }, 'A mean and a deviation of its own are built into the file.'],
  ])) {
    const { id } = await keep(page, [await file('small.onnx')], options);
    const ours = await page.evaluate(async (name) => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('own');
      const blob = await (await folder.getFileHandle(name)).getFile();
      return [...new Uint8Array(await blob.arrayBuffer())];
    }, `${id}.safetensors`);
    await drop(page, [{ name: 'ours.safetensors', mimeType: '', buffer: Buffer.from(ours) }]);
    await expect(page.locator('#bring-facts')).toContainText('(Foolscope)');
    await expect(page.locator('dialog.bring')).toContainText(said);
    await page.keyboard.press('Escape');
    await expect(page.locator('dialog.bring')).toBeHidden();
  }
});

test('a photo that is dropped with a network is shown, and the network is brought', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const buffer = await readFile(new URL('../../www/assets/samples/rocket.jpg', import.meta.url));
  const photos = [
    { name: 'rocket.jpg', mimeType: 'image/jpeg', buffer },
    // Some systems know no kind of file by this name.
    { name: 'again.jpg', mimeType: '', buffer },
  ];
  for (const photo of photos) {
    await drop(page, [await file('small.onnx'), await file('small.txt', 'text/plain'), photo]);
    await expect(page.locator('#bring-proposal')).not.toBeEmpty({ timeout: 60_000 });
    await expect(live.exhibit).toHaveAttribute('data-picture', new RegExp(`^${photo.name}`));
  }
  await page.locator('#bring-keep').click();
  await expect(page.locator('select#network')).toHaveValue(/^own-/);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  await expect(live.exhibit).toHaveAttribute('data-picture', /^again\.jpg/);
});

test('it is there after a reload, works in every exhibit, and is forgotten when asked', async ({
  page,
  address,
}) => {
  test.setTimeout(300_000);
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const id = await bring(page, live);
  await page.reload();
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  await expect(page.locator('select#network')).toHaveValue(id);
  await answersAsReference(page);
  for (const exhibit of await exhibits(page)) {
    await page.goto(`${address}?network=${id}&device=cpu&exhibit=${exhibit}`);
    await shown(page);
    await expect(page.locator('select#network'), exhibit).toHaveValue(id);
  }
  await live.open(`${address}?network=${id}&device=cpu`);
  await openBring(page);
  await expect(page.locator('.own-networks li')).toContainText('32 × 32 pixels, 8 classes');
  await expect(page.locator('#own-storage')).toContainText(/They take \d+ kB; the browser gives/);
  await page.locator(`[data-forget="${id}"]`).click();
  await expect(page.locator('.own-networks li')).toHaveCount(0);
  await expect(page.locator('select#network')).toHaveValue('efficientnet-lite0');
  await expect(page.locator(`select#network option[value="${id}"]`)).toHaveCount(0);
  await live.open(`${address}?network=${id}&device=cpu`);
  await expect(page.getByText('kept in their browser alone')).toBeVisible();
  const left = await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('own');
    const names = [];
    for await (const name of /** @type {any} */ (folder).keys()) names.push(name);
    return names;
  });
  expect(left).toEqual([]);
});

test('what cannot be used is refused in a sentence', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  await openBring(page);
  const small = await file('small.onnx');
  const refused = async (
    /** @type {{ name: string, mimeType: string, buffer: Buffer }} */ bad,
    /** @type {RegExp} */ sentence,
  ) => {
    await page.locator('#bring-files').setInputFiles(bad);
    const alert = page.locator('.bring-trouble');
    await expect(alert).toHaveText(sentence, { timeout: 60_000 });
    await expect(page.locator('dialog.bring')).toHaveAttribute('data-step', 'choose');
  };
  await refused(await file('odd.onnx'), /Einsum/);
  await refused({ ...small, buffer: small.buffer.subarray(0, 9000) }, /\.$/);
  await refused(
    { ...small, name: 'cut.onnx', buffer: small.buffer.subarray(0, 9000) },
    /^cut\.onnx/,
  );
  const weights = await newerFile('lenet-mnist');
  const cut = { ...small, name: 'weights.pth', buffer: weights.subarray(0, 300_000) };
  await refused(cut, /^weights\.pth: .*PyTorch.* not copied whole/);
  const other = weights.toString('latin1').replaceAll('conv1.weight', 'conv9.weight');
  const unknown = { ...small, name: 'other.pth', buffer: Buffer.from(other, 'latin1') };
  await refused(unknown, /^other\.pth: .*of none that is known by name.*torch\.onnx\.export/);
  await refused({ ...small, name: 'notes.onnx', buffer: Buffer.from('notes') }, /no network/);
  await refused({ ...small, name: 'empty.onnx', buffer: Buffer.alloc(0) }, /is empty/);
  // Names of other classes come with a network, and the network is refused with them.
  await page
    .locator('#bring-files')
    .setInputFiles([small, { name: 'names.txt', mimeType: '', buffer: Buffer.from('a\nb\n') }]);
  await expect(page.locator('.bring-trouble')).toHaveText(/names 2 classes, but the network has 8/);
});

test('what was kept stays whole, however a second try ends', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const files = [{ name: 'nin.safetensors', buffer: await safetensors('nin-cifar10') }];
  const { id } = await keep(page, files);
  const whole = (await stored(page))[`${id}.safetensors`];
  expect(whole).toMatch(/^\d{6,} /);
  for (const stage of ['checking', 'keeping']) {
    const ended = await page.evaluate(async (stage) => {
      const { engine } = /** @type {any} */ (window).foolscope;
      const blob = await (await fetch('models/nin-cifar10.safetensors')).blob();
      const opened = await engine.importNetwork([new File([blob], 'nin.safetensors')]);
      const { title, names, shortSide } = opened.about;
      const controller = new AbortController();
      try {
        await opened.keep(
          { title, names, shortSide },
          {
            signal: controller.signal,
            onProgress: (/** @type {{ stage: string }} */ at) => {
              if (at.stage === stage) controller.abort();
            },
          },
        );
        return '';
      } catch (error) {
        return /** @type {Error} */ (error).name;
      }
    }, stage);
    // So small a network may be kept before the wish to stop arrives.
    expect(ended).toMatch(/^(AbortError)?$/);
    expect((await stored(page))[`${id}.safetensors`], stage).toBe(whole);
  }
  // What was left behind is removed at a later visit, and nothing else is.
  await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('own');
    const part = await folder.getFileHandle('own-left.part', { create: true });
    const writing = await part.createWritable();
    await writing.write('half');
    await writing.close();
  });
  await page.waitForTimeout(10_500);
  await live.open(`${address}?network=${id}&device=cpu`);
  await expect(page.locator('select#network')).toHaveValue(id);
  expect(await stored(page)).toEqual({ [`${id}.safetensors`]: whole });
});

test('a network that is kept twice at once, as by two tabs, is whole', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const files = [await file('small.onnx'), await file('small.txt')];
  const [one, other] = await Promise.all(
    [1, 2].map(() => keep(page, files, { title: 'Twice', preset: 'caffe' })),
  );
  expect(one).toEqual(other);
  expect(Object.keys(await stored(page))).toEqual([`${one.id}.safetensors`]);
  await live.open(`${address}?network=${one.id}&device=cpu`);
  await answersAsReference(page);
});

test('other files or choices are another network, under a name of its own', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const [small, names] = [await file('small.onnx'), await file('small.txt')];
  const renamed = { ...names, buffer: Buffer.from('a b c d e f g h'.replaceAll(' ', '\n')) };
  const options = { title: 'Net', preset: 'caffe' };
  const all = [
    await keep(page, [small, names], options),
    await keep(page, [small, names], { ...options, preset: 'none' }),
    await keep(page, [small, names], { ...options, shortSide: 40 }),
    await keep(page, [small, renamed], options),
    await keep(page, [small], options),
    await keep(page, [small], { ...options, names: 'text', namesText: String(names.buffer) }),
  ];
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const titles = ['Net', 'Net 2', 'Net 3', 'Net 4', 'Net 5', 'Net 6'];
  expect(all.map(({ title }) => title)).toEqual(titles);
  // In another order and under another name it is the first.
  const again = await keep(page, [names, small], { ...options, title: 'Once more' });
  expect(again).toEqual({ id: all[0].id, title: 'Once more' });
  const menu = page.locator('select#network');
  await expect(menu.locator('option[value^="own-"]')).toHaveText([
    'Net 2, your own',
    'Net 3, your own',
    'Net 4, your own',
    'Net 5, your own',
    'Net 6, your own',
    'Once more, your own',
  ]);
  await menu.selectOption(again.id);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  await expect(page).toHaveURL(new RegExp(again.id));
  await answersAsReference(page);
});

test('the network in use, brought once more, is the one in use at once', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  for (const title of ['Eight photos', 'Photos by eight']) {
    await fillIn(page);
    await page.locator('#bring-title').fill(title);
    await page.locator('#bring-keep').click();
    await expect(page.locator('dialog.bring')).toBeHidden();
    await expect(live.sentence).toContainText(`${title} is`);
    await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  }
  const own = page.locator('select#network option[value^="own-"]');
  await expect(own).toHaveText(['Photos by eight, your own']);
  await answersAsReference(page);
});

test('what cannot be kept is told at its field, and the rest of the form stays', async ({
  page,
  address,
}) => {
  await page.setViewportSize({ width: 1280, height: 600 });
  const live = new Live(page);
  await live.open(`${address}${START}`);
  await fillIn(page);
  await page.locator('#bring-title').fill('Mine');
  const wrong = (/** @type {string} */ field) => page.locator(`#bring-wrong-${field}`);
  const refused = async (/** @type {string} */ field, /** @type {string} */ sentence) => {
    await page.locator('#bring-keep').click();
    await expect(wrong(field)).toHaveText(sentence);
    await expect(wrong(field)).toBeInViewport({ ratio: 1 });
    await expect(page.locator('dialog.bring')).toHaveAttribute('data-step', 'form');
    await expect(page.locator('#bring-title')).toHaveValue('Mine');
  };
  const shortSide = page.locator('#bring-short-side');
  for (const value of ['', '5', '99999']) {
    await shortSide.fill(value);
    await expect(wrong('shortSide')).toHaveCount(0);
    await refused('shortSide', 'Give a whole number from 32 to 16,384.');
    await expect(shortSide).toBeFocused();
    await expect(shortSide).toHaveValue(value);
  }
  await shortSide.fill('36');
  await page.locator('input[name="bring-preset"][value="numbers"]').check();
  const deviation = page.locator('[data-of="deviation"]').nth(1);
  await deviation.fill('0');
  await refused('deviation', 'Give a number above 0 as the deviation of each colour.');
  await expect(deviation).toBeFocused();
  // More than 0, and nothing all the same in the core's numbers.
  await deviation.fill('1e-60');
  await refused('keep', 'A deviation has to be more than 0.');
  await deviation.fill('127.5');
  await expect(page.locator('.bring-wrong')).toHaveCount(0);
  await page.locator('#bring-keep').click();
  await expect(page.locator('select#network')).toHaveValue(/^own-/);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  await expect(live.sentence).toContainText('Mine is');
});

test('a file of names that does not fit is told at its field, and earlier names are forgotten', async ({
  page,
  address,
}) => {
  await page.setViewportSize({ width: 1280, height: 600 });
  const live = new Live(page);
  await live.open(`${address}${START}`);
  await fillIn(page);
  await page.locator('input[name="bring-names"][value="text"]').check();
  const wrong = page.locator('#bring-wrong-names');
  const read = page.locator('#bring-names-read');
  const choose = (/** @type {string} */ names) =>
    page.locator('#bring-names-file').setInputFiles({
      name: 'names.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from(names.replaceAll(' ', '\n')),
    });
  await page.locator('#bring-keep').click();
  await expect(wrong).toHaveText('Choose a text file with 8 names.');
  await expect(wrong).toBeInViewport({ ratio: 1 });
  await expect(page.locator('#bring-names-file')).toBeFocused();
  await choose('a b c d e f g h');
  await expect(read).toHaveText('a, b, c, …');
  await expect(wrong).toHaveCount(0);
  await choose('x y');
  await expect(wrong).toHaveText(/names 2 classes, but the network has 8/);
  await expect(wrong).toBeInViewport({ ratio: 1 });
  await expect(read).toBeEmpty();
  await page.locator('#bring-keep').click();
  await expect(wrong).toHaveText(/names 2 classes, but the network has 8/);
  await expect(page.locator('dialog.bring')).toHaveAttribute('data-step', 'form');
  await choose('a b c d e f g h');
  await expect(read).toHaveText('a, b, c, …');
  await page.locator('#bring-keep').click();
  await expect(page.locator('select#network')).toHaveValue(/^own-/);
  await expect(live.sentence).toContainText(/ is [a-h][.,]/);
});

test('who shares a network of their own is told what others see', async ({
  page,
  address,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const live = new Live(page);
  await live.open(`${address}${START}`);
  await page.getByRole('button', { name: 'Share' }).click();
  await expect(live.notice.locator('p')).toHaveText(
    'The link to this page, as it stands, was copied.',
  );
  await fillIn(page);
  await page.locator('#bring-title').fill('Mine');
  await page.locator('#bring-keep').click();
  await expect(live.sentence).toContainText('Mine is');
  await page.getByRole('button', { name: 'Share' }).click();
  await expect(live.notice).toContainText(
    'The link shows Mine only in this browser: others see EfficientNet-Lite0.',
  );
  await page.locator('#embed').click();
  await expect(page.locator('#embed-own')).toHaveText(
    'The frame shows Mine only in this browser: others see EfficientNet-Lite0.',
  );
});

test('the list can be used by keyboard, on a phone too', async ({ page, address }) => {
  await page.setViewportSize({ width: 390, height: 700 });
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const small = await file('small.onnx');
  for (const preset of ['caffe', 'none']) await keep(page, [small], { title: 'Net', preset });
  await openBring(page);
  const rows = page.locator('.own-networks li');
  await expect(rows).toHaveCount(2);
  // Both buttons stand in one line, below the name.
  const tops = await rows
    .first()
    .locator('button')
    .evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
  expect(tops).toHaveLength(2);
  expect(tops[0]).toBe(tops[1]);
  await page.getByRole('button', { name: 'Forget Net 2' }).press('Enter');
  await expect(rows).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Forget Net' })).toBeFocused();
  // The notice leaves the heading and the way out in sight.
  const close = page.locator('dialog.bring .dialog-head button');
  await expect(live.notice).toContainText('Net 2 was removed');
  await close.click({ trial: true });
  await page.keyboard.press('Enter');
  await expect(rows).toHaveCount(0);
  await expect(page.locator('#bring-heading')).toBeFocused();
});

test('where the browser stores too little it works until the page is left', async ({
  page,
  address,
}) => {
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(address);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
  await bring(page, live);
  await expect(page.getByText('It works until you leave this page')).toBeVisible();
  await answersAsReference(page);
});

test('a site’s own list: shown in the menu, downloaded when chosen, checked, kept', async ({
  page,
  address,
}) => {
  const { buffer } = await file('small.onnx');
  const classes = (await file('small.txt')).buffer.toString().trim().split('\n');
  const sha256 = createHash('sha256').update(buffer).digest('hex');
  const entry = { title: 'Of this site', url: 'lent/small.onnx', size: buffer.length, sha256 };
  let list = [{ ...entry, preset: 'caffe', classes, licence: 'MIT' }];
  await page.route(`${address}networks.json`, (route) => route.fulfill({ json: list }));
  let asked = 0;
  await page.route(`${address}lent/small.onnx`, (route) => {
    asked += 1;
    return route.fulfill({ body: buffer });
  });
  const live = new Live(page);
  await live.open(`${address}${START}`);
  const id = `site-${sha256.slice(0, 12)}`;
  await expect(page.locator(`select#network option[value="${id}"]`)).toHaveText(
    /Of this site, \d+ kB to download/,
  );
  expect(asked).toBe(0);
  await page.locator('select#network').selectOption(id);
  await expect(page).toHaveURL(new RegExp(`network=${id}`), { timeout: 60_000 });
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered');
  await answersAsReference(page);
  // The next visit has it already, by a link too.
  await live.open(`${address}?network=${id}&device=cpu`);
  await expect(page.locator('select#network')).toHaveValue(id);
  expect(asked).toBe(1);
  // One that is not what the list says is refused.
  list = [{ ...list[0], sha256: '0'.repeat(64) }];
  await live.open(`${address}${START}`);
  await page.locator('select#network').selectOption('site-000000000000');
  await expect(page.getByText('not the one that this site lists')).toBeVisible({ timeout: 60_000 });
});

for (const theme of ['light', 'dark']) {
  test(`the dialog violates nothing that axe knows, ${theme}`, async ({ page, address }) => {
    const live = new Live(page);
    await live.open(`${address}${START}&theme=${theme}`);
    await openBring(page);
    const violations = async () => {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
      );
    };
    expect(await violations(), 'first').toEqual([]);
    await page.locator('#bring-files').setInputFiles(await file('small.onnx'));
    await expect(page.locator('#bring-proposal')).not.toBeEmpty({ timeout: 60_000 });
    await page.locator('input[name="bring-preset"][value="numbers"]').check();
    await page.locator('input[name="bring-names"][value="text"]').check();
    expect(await violations(), 'form').toEqual([]);
  });
}

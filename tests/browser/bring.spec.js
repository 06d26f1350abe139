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

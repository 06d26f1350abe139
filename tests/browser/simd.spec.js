/**
 * Both files of the core: the one with relaxed vector instructions, and the one
 * for browsers that refuse them.
 */
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

/**
 * The logits of a sample, and which file they were computed by.
 * @param {Page} page
 * @param {string} address
 */
async function answer(page, address) {
  const fetched = page.waitForRequest(/\.wasm$/);
  const empty = `${address}empty.html`;
  await page.route(empty, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>empty</title>' }),
  );
  await page.goto(empty);
  const logits = await page.evaluate(async (engineUrl) => {
    const { createEngine } = await import(engineUrl);
    const engine = await createEngine({ device: 'cpu' });
    const picture = await engine.loadPicture('samples/coffee.png');
    return [...(await engine.logits(picture))];
  }, `${address}engine.js`);
  return { file: new URL((await fetched).url()).pathname, logits };
}

test('a browser without relaxed instructions computes the same by other means', async ({
  page,
  context,
  address,
}) => {
  const here = await answer(page, address);
  expect(here.file).toContain('foolscope_bg');

  await context.route(/\.js$/, async (route) => {
    const response = await route.fetch();
    const body = `WebAssembly.validate = () => false;\n${await response.text()}`;
    await route.fulfill({ response, body });
  });
  const older = await answer(await context.newPage(), address);
  expect(older.file).toContain('foolscope_simd128');

  const differences = here.logits.map((logit, label) => Math.abs(logit - older.logits[label]));
  expect(Math.max(...differences)).toBeLessThan(1e-3);
});

/** A visitor in a hurry: what stands there at last answers to what was chosen last. */
import { Live, rows } from './live.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const NETWORKS = ['lenet-mnist', 'lenet-cifar10', 'nin-cifar10', 'fc-mnist'];

/**
 * In the page: so many clicks and choices, drawn by a seed, with hardly a pause between.
 * @param {{ times: number, seed: number, networks: string[] }} wishes
 */
async function hurry({ times, seed, networks }) {
  let state = seed;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  /** @template T @param {ArrayLike<T>} all */
  const any = (all) => all[Math.floor(random() * all.length)];
  const done = { pictures: 0, noises: 0, networks: 0, last: '' };
  const choose = (/** @type {HTMLSelectElement | null} */ menu, /** @type {string} */ value) => {
    if (!menu) return;
    menu.value = value;
    menu.dispatchEvent(new Event('change', { bubbles: true }));
  };
  for (let time = 0; time < times; time += 1) {
    const what = random();
    if (what < 0.45) {
      const buttons = document.querySelectorAll('button[data-sample]');
      /** @type {HTMLElement | undefined} */ (any(buttons))?.click();
      done.pictures += 1;
    } else if (what < 0.85) {
      const buttons = ['#universal', '#deepfool', '#cancel'].flatMap((id) => [
        ...document.querySelectorAll(`live-figure ${id}:not(:disabled)`),
      ]);
      const which = /** @type {HTMLSelectElement | null} */ (document.querySelector('#which'));
      if (which && random() < 0.4) choose(which, any(which.options).value);
      else /** @type {HTMLElement | undefined} */ (any(buttons))?.click();
      done.noises += 1;
    } else {
      done.last = any(networks);
      choose(document.querySelector('select#network'), done.last);
      done.networks += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, 60 * random() ** 2));
  }
  return done;
}

/** What stands there. @param {Page} page */
async function standing(page) {
  const live = new Live(page);
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  return {
    picture: await live.exhibit.getAttribute('data-picture'),
    noise: await live.exhibit.getAttribute('data-noise'),
    fooled: await live.exhibit.getAttribute('data-fooled'),
    network: await page.locator('select#network').inputValue(),
    which: (await live.which.count()) ? await live.which.inputValue() : null,
    clean: await rows(live.clean),
    perturbed: (await live.perturbed.count()) ? await rows(live.perturbed) : null,
    sentence: await live.sentence.innerText(),
  };
}

test('after 200 quick switches the page says what a fresh one does', async ({ page, address }) => {
  const live = new Live(page);
  await live.open(`${address}?network=lenet-mnist&device=cpu`);
  const done = await page.evaluate(hurry, { times: 200, seed: 20, networks: NETWORKS });
  for (const kind of /** @type {const} */ (['pictures', 'noises', 'networks']))
    expect(done[kind], kind).toBeGreaterThan(10);
  await expect(page.locator('select#network')).toHaveValue(done.last);
  await expect(page).toHaveURL(new RegExp(`network=${done.last}`), { timeout: 60_000 });
  await expect(live.exhibit).not.toHaveAttribute('data-state', 'waiting', { timeout: 60_000 });
  const stale = await standing(page);
  await expect(live.notice).toHaveCount(0);
  // Nothing that was asked before comes late.
  await page.waitForTimeout(1500);
  expect(await standing(page)).toEqual(stale);
  await page.reload();
  expect(await standing(page), page.url()).toEqual(stale);
});

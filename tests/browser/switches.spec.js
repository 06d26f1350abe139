/** A visitor in a hurry: what stands there at last answers to what was chosen last. */
import { Live, rows } from './live.js';
import { expect, test } from './visit.js';

/** @import { Page } from '@playwright/test' */

const NETWORKS = ['lenet-mnist', 'lenet-cifar10', 'nin-cifar10', 'fc-mnist'];

/**
 * In the page: so many clicks and choices, drawn by a seed, with hardly a pause between.
 * @param {{ times: number, seed: number, networks: string[], longest: number }} wishes longest pause
 *   in ms
 */
async function hurry({ times, seed, networks, longest }) {
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
    await new Promise((resolve) => setTimeout(resolve, longest * random() ** 2));
  }
  return done;
}

/**
 * @typedef {object} Painted what a visitor sees of a scene that is answered
 * @property {string} network the one whose answers stand there
 * @property {string} chosen in the menu
 * @property {string} picture
 * @property {string} pressed the button below it
 * @property {string} noise
 * @property {string} id of a universal or random noise
 * @property {string} clean the bars below the picture
 * @property {string} perturbed those below the sum
 * @property {string} sentence
 */

/** In the page: keeps all that is painted from here on and says that it is answered. */
function keepWhatIsPainted() {
  const seen = new Set();
  const look = () => {
    const painted = paintedNow();
    if (painted) seen.add(JSON.stringify(painted));
    requestAnimationFrame(look);
  };
  const { paintedNow } = /** @type {any} */ (window);
  Object.assign(window, { seen });
  look();
}

/** In the page: makes `paintedNow`. */
function definePaintedNow() {
  const text = (/** @type {string} */ selector) =>
    [...document.querySelectorAll(selector)].map((it) => it.textContent.trim()).join(' | ');
  const paintedNow = () => {
    const exhibit = /** @type {any} */ (document.querySelector('live-exhibit'));
    if (exhibit?.dataset.state !== 'answered') return null;
    const menu = /** @type {HTMLSelectElement} */ (document.querySelector('select#network'));
    const pressed = document.querySelector('button[data-sample][aria-pressed="true"]');
    return {
      network: exhibit.network,
      chosen: menu.value,
      picture: exhibit.dataset.picture,
      pressed: pressed?.getAttribute('data-sample') ?? '',
      noise: exhibit.dataset.noise,
      id: exhibit.scene.perturbation?.id ?? '',
      clean: text('#picture class-bars li[data-label] :is(.bar-name, .bar-value)'),
      perturbed: text('#sum class-bars li[data-label] :is(.bar-name, .bar-value)'),
      sentence: text('#sentence'),
    };
  };
  Object.assign(window, { paintedNow });
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
  const done = await page.evaluate(hurry, {
    ...{ times: 200, seed: 20, networks: NETWORKS, longest: 60 },
  });
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

test('whatever stands there in between is whole, and right', async ({ page, address }) => {
  test.setTimeout(300_000);
  const live = new Live(page);
  await page.addInitScript(definePaintedNow);
  await live.open(`${address}?network=lenet-mnist&device=cpu`);
  await page.evaluate(keepWhatIsPainted);
  await page.evaluate(hurry, { times: 200, seed: 7, networks: NETWORKS, longest: 400 });
  await expect(live.exhibit).toHaveAttribute('data-state', 'answered', { timeout: 60_000 });
  /** @type {Painted[]} */
  const all = await page.evaluate(() =>
    [.../** @type {any} */ (window).seen].map((it) => JSON.parse(it)),
  );
  // How many there are hangs on the machine.
  expect(all.length).toBeGreaterThan(10);
  expect(new Set(all.map(({ network }) => network)).size).toBeGreaterThan(1);
  const noises = [...new Set(all.map(({ noise }) => noise))];
  expect(noises).toEqual(expect.arrayContaining(['none', 'universal']));
  for (const { network, chosen, picture, pressed } of all) {
    expect(chosen).toBe(network);
    expect(pressed).toBe(picture);
  }
  // As a page says it that nobody hurries: one for each network and noise.
  const visits = new Map();
  for (const painted of all) {
    const { network, noise, id } = painted;
    // Random noise is as large as a universal one, and called after it.
    const universal = id.replace(/-random$/, '');
    const wish = new URLSearchParams({ network, noise, ...(id && { universal }) });
    visits.set(`${wish}`, [...(visits.get(`${wish}`) ?? []), painted]);
  }
  for (const [wish, those] of visits) {
    await live.open(`${address}?${wish}&device=cpu`);
    for (const painted of those) {
      await live.choose(painted.picture, painted.noise);
      await expect
        .poll(() => page.evaluate(() => /** @type {any} */ (window).paintedNow()))
        .toEqual(painted);
    }
  }
});

/** All exhibits, as the page lists them, for tests that go through every one. */
import { expect } from './visit.js';

/** @import { Page } from '@playwright/test' */

/** @param {Page} page of an open page @returns {Promise<string[]>} their ids */
export const exhibits = (page) =>
  page
    .locator('.header nav a')
    .evaluateAll((links) =>
      links.map(
        (link) =>
          new URL(/** @type {HTMLAnchorElement} */ (link).href).searchParams.get('exhibit') ??
          'live',
      ),
    );

/** Waits until an exhibit has something to show. @param {Page} page */
export async function shown(page) {
  const exhibit = page.locator('main > :not(h1)').first();
  await expect(exhibit).toHaveAttribute('data-state', /^(answered|idle)$/, {
    timeout: 90_000,
  });
}

/** Where the counts lie. */
const COUNTER = '__asked';

/** Counts from now on how often the engine is asked each of some calls. @param {Page} page @param {string[]} calls */
export const countCalls = (page, calls) =>
  page.evaluate(
    ([name, ...calls]) => {
      const { engine } = /** @type {any} */ (window).foolscope;
      /** @type {Record<string, number>} */
      const counts = {};
      /** @type {any} */ (window)[name] = counts;
      for (const call of calls) {
        const asked = engine[call];
        counts[call] = 0;
        engine[call] = (/** @type {unknown[]} */ ...question) => {
          counts[call] += 1;
          return asked.apply(engine, question);
        };
      }
    },
    [COUNTER, ...calls],
  );

/** @param {Page} page @returns {Promise<Record<string, number>>} */
export const callCounts = (page) =>
  page.evaluate((name) => /** @type {any} */ (window)[name], COUNTER);

/** Opens Live, and the exhibit from before again. @param {Page} page */
export async function leaveAndReturn(page) {
  const tag = await page
    .locator('main > :not(h1)')
    .first()
    .evaluate(({ localName }) => localName);
  await page.getByRole('link', { name: 'Live', exact: true }).click();
  await expect(page.locator('live-exhibit')).toHaveAttribute('data-state', 'answered');
  await page.goBack();
  await expect(page.locator(tag)).toHaveCount(1);
}

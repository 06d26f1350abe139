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

/**
 * What every browser test stands on: the page's address, and a watch. A test
 * fails on any error or warning in the console that it did not provoke, and on
 * any request that leaves this machine.
 */
import { expect, test as base } from '@playwright/test';
import { POLICY } from '../../tools/lib/policy.mjs';

export { expect };

/**
 * @import { Fixtures, Page, PlaywrightTestArgs, PlaywrightWorkerArgs } from '@playwright/test'
 * @typedef {{ address: string, provokes: (pattern: RegExp) => void, firstVisit: boolean, past: void }} Own
 */

/** @type {Fixtures<Own, {}, PlaywrightTestArgs, PlaywrightWorkerArgs>} */
const fixtures = {
  // Playwright reads the first argument to learn what a fixture needs.
  // eslint-disable-next-line no-empty-pattern
  address: async ({}, use) => {
    const address = process.env.FOOLSCOPE_ADDRESS;
    if (!address) throw new Error('setup.js has not run');
    await use(address);
  },

  /** Whether the tour shall come. */
  firstVisit: [false, { option: true }],

  past: [
    async ({ context, firstVisit }, use) => {
      if (!firstVisit) {
        await context.addInitScript(() => {
          try {
            localStorage.setItem('foolscope-tour', 'yes');
          } catch {
            // Where nothing may be stored there is no tour.
          }
        });
      }
      await use();
    },
    { auto: true },
  ],

  /** Tells the watch that this test causes a console message on purpose. */
  provokes: [
    async ({ page, address }, use) => {
      /** @type {string[]} */
      const seen = [];
      /** @type {RegExp[]} */
      const provoked = [/Service Worker registration blocked by Playwright/];
      page.on('console', (message) => {
        const kind = message.type();
        if (kind === 'error' || kind === 'warning')
          seen.push(`${kind}: ${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => seen.push(`uncaught: ${error.stack ?? error.message}`));
      page.on('request', (request) => {
        const url = new URL(request.url());
        const local = ['data:', 'blob:'].includes(url.protocol) || url.href.startsWith(address);
        if (!local) seen.push(`request to ${request.url()}`);
      });
      await use((pattern) => provoked.push(pattern));
      const unprovoked = seen.filter((line) => !provoked.some((pattern) => pattern.test(line)));
      expect(unprovoked, 'the console, and requests to elsewhere').toEqual([]);
    },
    { auto: true },
  ],
};

export const test = base.extend(fixtures);

/**
 * An empty page beside the site, for the engine alone.
 * @param {Page} page
 * @param {string} address
 */
export async function openEmptyPage(page, address) {
  const empty = `${address}empty.html`;
  await page.route(empty, (route) =>
    route.fulfill({
      contentType: 'text/html',
      headers: { 'Content-Security-Policy': POLICY },
      body: '<!doctype html><title>empty</title>',
    }),
  );
  await page.goto(empty);
}

/** A connection that breaks off in the middle of a download: told, tried again, and all is well. */
import { createServer, get } from 'node:http';
import { Live } from './live.js';
import { launch, softwareGpu } from './playwright.config.js';
import { expect, test as base } from './visit.js';

/**
 * @import { Fixtures, PlaywrightTestArgs, PlaywrightWorkerArgs } from '@playwright/test'
 * @typedef {{ address: string, provokes: (pattern: RegExp) => void }} Given
 * @typedef {object} Line to the page's server
 * @property {string} address
 * @property {(file: RegExp | null) => void} breaks such files half way, from here on
 */

/** @type {Fixtures<{ line: Line }, {}, PlaywrightTestArgs & Given, PlaywrightWorkerArgs>} */
const fixtures = {
  line: async ({ address, provokes }, use) => {
    /** @type {RegExp | null} */
    let broken = null;
    const server = createServer(({ url = '', headers }, response) => {
      const { origin } = new URL(address);
      get(origin + url, { headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        if (!broken?.test(url)) return answer.pipe(response);
        const half = Number(answer.headers['content-length']) / 2;
        let sent = 0;
        return answer.on('data', (/** @type {Buffer} */ part) => {
          if (sent > half) return;
          sent += part.length;
          // Once that half is out.
          const end = () => setTimeout(() => response.socket?.destroy(), 100);
          response.write(part, () => sent > half && end());
        });
      });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const bound = /** @type {import('node:net').AddressInfo} */ (server.address());
    const own = new URL(address);
    own.port = String(bound.port);
    provokes(new RegExp(`^request to ${own.href}`));
    await use({ address: own.href, breaks: (file) => (broken = file) });
    server.close();
    server.closeAllConnections();
  },
};

const test = base.extend(fixtures);

for (const [what, file] of /** @type {const} */ ([
  ['program', /cpu\/.*\.wasm/],
  ['network', /lenet-mnist\.safetensors/],
])) {
  test(`a ${what} that breaks off half way is told, and a second try goes through`, async ({
    page,
    line,
    provokes,
  }) => {
    // Chromium says itself what did not arrive.
    provokes(/ERR_CONTENT_LENGTH_MISMATCH|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION|ERR_EMPTY/);
    line.breaks(file);
    await page.goto(`${line.address}?network=lenet-mnist&device=cpu`);
    const alert = page.getByRole('alert');
    await expect(alert.locator('p')).toHaveText(
      /^The file [\w.-]+ could not be downloaded: the connection broke off\.$/,
    );
    line.breaks(null);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await new Live(page).shows('digit-0', 'none');
    await expect(alert).toHaveCount(0);
  });
}

test.describe('with a GPU', () => {
  test.use({ launchOptions: launch(softwareGpu) });

  test('the program for the GPU breaks off half way: the CPU goes on, and the page says so', async ({
    page,
    line,
    provokes,
  }) => {
    provokes(/ERR_CONTENT_LENGTH_MISMATCH|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION|ERR_EMPTY/);
    line.breaks(/gpu\/.*\.wasm/);
    const live = new Live(page);
    await live.open(`${line.address}?network=lenet-mnist&device=gpu`);
    await expect(live.device).toContainText(
      'The program for the GPU could not be downloaded. The CPU does the work instead.',
      { timeout: 60_000 },
    );
    await live.choose('digit-3');
  });
});

test('the program of an exhibit breaks off: the page goes on, and asks for it again', async ({
  page,
  line,
  provokes,
}) => {
  provokes(/ERR_CONTENT_LENGTH_MISMATCH|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION|ERR_EMPTY/);
  const live = new Live(page);
  await live.open(`${line.address}?network=lenet-mnist&device=cpu`);
  line.breaks(/explore\/.*\.wasm/);
  await page.getByRole('link', { name: 'Hidden message' }).click();
  const again = page.getByRole('button', { name: 'Try again' });
  await expect(page.getByText('The program for this exhibit could not be downloaded.')).toBeVisible(
    { timeout: 60_000 },
  );
  line.breaks(null);
  await again.click();
  await expect(page.locator('message-exhibit')).toHaveAttribute('data-state', 'answered', {
    timeout: 60_000,
  });
});

/** A line to the page's server that breaks off when a test wishes. */
import { createServer, get } from 'node:http';
import { test as base } from './visit.js';

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

export const test = base.extend(fixtures);

/** What Chromium says itself of what did not arrive. */
export const NOT_ARRIVED =
  /ERR_CONTENT_LENGTH_MISMATCH|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION|ERR_EMPTY/;

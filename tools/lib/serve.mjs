/** A static file server for this machine only. */
import { createServer } from 'node:http';
import { POLICY } from './policy.mjs';

/** What the server's own table of types does not know. */
const types = { '.npy': 'application/octet-stream', '.safetensors': 'application/octet-stream' };

/**
 * Serves a folder on 127.0.0.1.
 * @param {string} folder
 * @param {{ port?: number, below?: string, policy?: string }} [settings] port 0 takes any free one;
 *   `below` is the path under which the folder is seen, "/" unless told; `policy` is what its pages
 *   may do, none where it is empty
 * @returns {Promise<{ address: string, close: () => void }>} address ends with a slash
 */
export async function serve(folder, { port = 0, below = '/', policy = POLICY } = {}) {
  const { default: sirv } = await import('sirv');
  const files = sirv(folder, {
    dev: true,
    etag: true,
    // The build's packed copies, where the browser takes them.
    brotli: true,
    gzip: true,
    setHeaders(response, file) {
      if (policy) response.setHeader('Content-Security-Policy', policy);
      const type = Object.entries(types).find(([end]) => file.endsWith(end))?.[1];
      if (type) response.setHeader('Content-Type', type);
    },
  });
  const server = createServer((request, response) => {
    const missing = () => {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
    };
    if (request.url?.startsWith(below)) {
      request.url = `/${request.url.slice(below.length)}`;
      files(request, response, missing);
    } else missing();
  });
  await new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port === 0) return reject(error);
      port = 0;
      server.listen(0, '127.0.0.1');
    });
    server.once('listening', () => resolve(undefined));
    server.listen(port, '127.0.0.1');
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${bound.port}${below}`, close };
}

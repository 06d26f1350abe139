import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { POLICY } from '../../tools/lib/policy.mjs';
import { serve } from '../../tools/lib/serve.mjs';

/**
 * @param {string} url
 * @param {string} encodings that are taken
 * @returns {Promise<{ headers: import('node:http').IncomingHttpHeaders, body: Buffer }>}
 */
const fetched = (url, encodings) =>
  new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': encodings } }, async (response) => {
      const parts = [];
      for await (const part of response) parts.push(part);
      resolve({ headers: response.headers, body: Buffer.concat(parts) });
    }).on('error', reject);
  });

test('packed copies are sent to those who take them, as what they are', async (context) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'foolscope-serve-'));
  context.after(() => rm(folder, { recursive: true }));
  const plain = Buffer.from('export const many = "many";\n'.repeat(99));
  await writeFile(path.join(folder, 'a.js'), plain);
  await writeFile(path.join(folder, 'a.js.br'), brotliCompressSync(plain));
  await writeFile(path.join(folder, 'a.js.gz'), gzipSync(plain));
  await writeFile(path.join(folder, 'b.npy'), plain);
  const { address, close } = await serve(folder);
  context.after(close);

  const brotli = await fetched(`${address}a.js`, 'gzip, deflate, br');
  assert.equal(brotli.headers['content-encoding'], 'br');
  assert.match(brotli.headers['content-type'] ?? '', /javascript/);
  assert.equal(brotli.headers.vary, 'Accept-Encoding');
  assert.equal(brotli.headers['content-security-policy'], POLICY);
  assert.deepEqual(brotliDecompressSync(brotli.body), plain);

  const gzip = await fetched(`${address}a.js`, 'gzip');
  assert.equal(gzip.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(gzip.body), plain);

  for (const [file, encodings] of [
    ['a.js', 'identity'],
    ['b.npy', 'gzip, br'],
  ]) {
    const { headers, body } = await fetched(`${address}${file}`, encodings);
    assert.equal(headers['content-encoding'], undefined);
    assert.deepEqual(body, plain);
  }
});

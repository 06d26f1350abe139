/**
 * `npm run watch`: the page as one works on it. What `npm start` built of the core stays; a change
 * in www/ is bundled again within seconds, without being made small. Reload to see it.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { buildCore, settingsFrom } from './build.mjs';
import { root } from './lib/files.mjs';
import { script } from './lib/run.mjs';
import { serve } from './lib/serve.mjs';
import { secondsSince } from './lib/step.mjs';
import { isForPublication } from './steps/wasm.mjs';

/** Beside dist/, which is for publication. */
const folder = path.join(root, 'target/watch');

await script(async () => {
  const settings = settingsFrom(process.argv);
  settings.quick ||= !(await isForPublication());
  await buildCore(settings);
  const { default: webpack } = await import('webpack');
  const { default: config } = await import('../webpack.config.js');
  // The engine alone is for other pages, and as a library it is not bundled in this mode.
  const entries = Object.entries(config.entry).filter(([name]) => name !== 'engine');
  await rm(folder, { recursive: true, force: true });
  const bundle = /** @type {import('webpack').Configuration} */ ({
    ...config,
    entry: Object.fromEntries(entries),
    mode: 'development',
    output: { ...config.output, path: folder },
  });
  const compiler = webpack(bundle);
  let started = performance.now();
  compiler.hooks.invalid.tap('watch', () => (started = performance.now()));
  const first = new Promise((resolve) => {
    compiler.watch({}, (error, stats) => {
      if (error || stats?.hasErrors()) console.error(error ?? stats?.toString('errors-only'));
      else console.log(`[watch] bundled in ${secondsSince(started)}`);
      resolve(undefined);
    });
  });
  await first;
  const { address } = await serve(folder, { port: Number(process.env.PORT ?? 8080) });
  console.log(`\nFoolscope is at ${address} (stop it with Ctrl+C)`);
});

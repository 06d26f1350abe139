/** The page: webpack puts index.html, www/ and the wasm together in dist/. */
import { hashOf } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';

/**
 * Making the scripts small takes three quarters of the time: a quick build leaves them as they are.
 * @param {import('./wasm.mjs').WasmSettings} [settings]
 */
export async function bundlePage({ quick = false } = {}) {
  const sources = ['index.html', 'www', 'tools/lib', 'webpack.config.js', 'package-lock.json'];
  const language = process.env.FOOLSCOPE_LANGUAGE ?? '';
  await step(
    'page',
    'bundling into dist/',
    async () => {
      const webpack = 'node_modules/webpack/bin/webpack.js';
      const how = ['--mode', 'production', ...(quick ? ['--no-optimization-minimize'] : [])];
      await run(process.execPath, [webpack, ...how], { quiet: true });
    },
    {
      key: `${await hashOf(sources)}${language}${quick ? ' quick' : ''}`,
      makes: ['dist/index.html', 'dist/bench.html'],
    },
  );
}

/** The page: webpack puts index.html, www/ and the wasm together in dist/. */
import { hashOf } from '../lib/files.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';

export async function bundlePage() {
  const sources = ['index.html', 'www', 'tools/lib', 'webpack.config.js', 'package-lock.json'];
  const language = process.env.FOOLSCOPE_LANGUAGE ?? '';
  await step(
    'page',
    'bundling into dist/',
    async () => {
      const webpack = 'node_modules/webpack/bin/webpack.js';
      await run(process.execPath, [webpack, '--mode', 'production'], { quiet: true });
    },
    { key: (await hashOf(sources)) + language, makes: ['dist/index.html', 'dist/bench.html'] },
  );
}

/**
 * Tells the service worker which build it belongs to, and which files that has:
 * it puts both in place of `__BUILD__` and `__FILES__` once all names are known.
 */
import { createHash } from 'node:crypto';
import webpack from 'webpack';

const WORKER = 'sw.js';
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
/** The benchmark and its peers are nobody's to keep. */
const LEFT_OUT = /^bench|\.map$/;

export class BuildPlugin {
  /** @param {webpack.Compiler} compiler */
  apply(compiler) {
    compiler.hooks.thisCompilation.tap('BuildPlugin', (compilation) => {
      const stage = webpack.Compilation.PROCESS_ASSETS_STAGE_REPORT;
      compilation.hooks.processAssets.tap({ name: 'BuildPlugin', stage }, (assets) => {
        const files = Object.keys(assets)
          .filter((file) => HASHED.test(file) && !LEFT_OUT.test(file))
          .sort();
        const build = createHash('sha256')
          .update(files.join('\n'))
          .update(assets['index.html'].buffer())
          .digest('hex')
          .slice(0, 12);
        const text = String(assets[WORKER].source())
          .replaceAll('__BUILD__', build)
          .replace(/(["'`])__FILES__\1/, () => JSON.stringify(JSON.stringify(files)));
        compilation.updateAsset(WORKER, new webpack.sources.RawSource(text));
      });
    });
  }
}

import CopyPlugin from 'copy-webpack-plugin';
import CssMinimizerPlugin from 'css-minimizer-webpack-plugin';
import HtmlPlugin from 'html-webpack-plugin';
import CssPlugin from 'mini-css-extract-plugin';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import webpack from 'webpack';
import { BuildPlugin } from './tools/lib/build-plugin.js';
import { read, shell, wordsOf } from './tools/lib/shells.mjs';
import { translated } from './tools/lib/translated.mjs';

const here = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

/** Of a translation: `www/words-fr` for `fr`. Not `LANGUAGE`, which many systems set for themselves. */
const language = process.env.FOOLSCOPE_LANGUAGE;

/** Names of the workers' files, as they are given where one is started. */
const WORKERS = ['foolscope', 'foolscope-helper', 'foolscope-importer', 'peer', 'sw'];

const { SHELLS } = await wordsOf(here('www'), 'shells.js', language);
const { LANGUAGE } = await wordsOf(here('www'), 'common.js', language);

/** The page itself, and two beside it. */
const pages = /** @type {const} */ (['index', 'bench', 'teach']);

const htmlOf = (/** @type {typeof pages[number]} */ page) =>
  new HtmlPlugin({
    filename: `${page}.html`,
    // As text: the plugin's own template language does not pass for a module.
    templateContent: () =>
      shell(read(here('index.html')), {
        words: SHELLS[page],
        language: LANGUAGE,
        installable: page === 'index',
      }),
    chunks: [page === 'index' ? 'page' : page],
    scriptLoading: 'module',
  });

/** @typedef {'cpu' | 'explore' | 'gpu'} Module */
const program = (/** @type {Module} */ module) => here(`www/wasm/${module}/foolscope_bg.wasm`);
const bytes = (/** @type {Module} */ module) => statSync(program(module)).size;
/** `npm start` serves before it is compiled, with another in its place. */
const hasGpu = !readFileSync(program('gpu')).equals(readFileSync(program('explore')));

export default {
  mode: 'production',
  entry: {
    page: './www/index.js',
    bench: './www/bench/bench.js',
    teach: './www/teach/teach.js',
    // Beside the page, so that it may answer for all that lies there.
    sw: { import: './www/offline/sw.js', filename: 'sw.js' },
    // The engine alone, for other pages: import { createEngine } from '…/engine.js'.
    engine: {
      import: './www/engine/engine.js',
      filename: 'engine.js',
      library: { type: 'module' },
    },
  },
  // Modules, so that `engine.js` can be imported; 'auto' finds its own place, so
  // that dist/ works under any path.
  experiments: { outputModule: true },
  output: {
    module: true,
    path: here('dist'),
    filename: '[name].[contenthash:12].js',
    assetModuleFilename: '[name].[contenthash:12][ext]',
    publicPath: 'auto',
    clean: true,
  },
  resolve: { alias: translated(here('www'), language) },
  module: {
    rules: [
      { test: /\.css$/, use: [CssPlugin.loader, 'css-loader'], sideEffects: true },
      // Ours: two modules, whose files have the same names.
      {
        test: /www[\\/]wasm[\\/].*\.wasm$/,
        type: 'asset/resource',
        generator: {
          filename: (/** @type {{ filename?: string }} */ { filename = '' }) =>
            `${path.basename(path.dirname(filename))}/[name].[contenthash:12][ext]`,
        },
      },
      // Other libraries' wasm: only the benchmark uses it, and only when asked.
      {
        test: /node_modules.*\.wasm$/,
        type: 'asset/resource',
        generator: { filename: 'bench/[name].[contenthash:12][ext]' },
      },
    ],
  },
  plugins: [
    new webpack.DefinePlugin({
      PROGRAM_BYTES: JSON.stringify({
        cpu: bytes('cpu'),
        explore: bytes('explore'),
        gpu: hasGpu ? bytes('gpu') : null,
      }),
      // A page cannot look into a folder.
      BENCH_FILES: JSON.stringify(
        readdirSync(here('www/results/bench')).map((file) => path.basename(file, '.json')),
      ),
    }),
    ...pages.map((page) => htmlOf(page)),
    new BuildPlugin(),
    new CssPlugin({ filename: '[name].[contenthash:12].css' }),
    new CopyPlugin({
      patterns: [
        // The font is for `lab words` alone.
        {
          from: 'www/assets',
          globOptions: { ignore: ['**/fonts/**'] },
          noErrorOnMissing: true,
        },
        'www/manifest.webmanifest',
        { from: 'www/icons', to: 'icons' },
        // Used as it is, from other people's pages.
        'www/embed/exhibit.js',
        // To be read and copied: as they are.
        {
          from: '*.{html,css,js}',
          context: 'examples',
          to: 'examples',
          info: { minimized: true },
        },
        { from: 'www/models', to: 'models', noErrorOnMissing: true },
        { from: 'www/perturbations', to: 'perturbations', noErrorOnMissing: true },
        { from: 'www/results', to: 'results', noErrorOnMissing: true },
        'www/networks.json',
      ],
    }),
  ],
  optimization: {
    minimizer: ['...', new CssMinimizerPlugin()],
    // A worker is one file: one that had to wait for a part shared with another
    // would miss the messages that come meanwhile. (As of webpack 5 it waits for ever.)
    splitChunks: {
      chunks: (/** @type {{ name?: string }} */ { name }) => !WORKERS.includes(name ?? ''),
    },
  },
  // The wasm is what it is; its size is watched where it is built.
  performance: { hints: false },
  devtool: 'source-map',
  stats: 'errors-warnings',
};

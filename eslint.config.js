import js from '@eslint/js';
import globals from 'globals';
import { noEnglish } from './tools/lib/no-english.mjs';

export default [
  {
    ignores: [
      ...['dist/', 'target/', 'www/assets/', 'www/wasm/', 'test-results/', 'tools/*/target/'],
      ...['examples/*/target/', 'examples/npm/dist-*/', 'examples/npm/foolscope/'],
    ],
  },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-console': 'error',
      'no-unused-vars': [
        'error',
        { args: 'after-used', argsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
    },
  },
  {
    files: ['www/**/*.js'],
    languageOptions: {
      globals: { ...globals.browser, PROGRAM_BYTES: 'readonly', BENCH_FILES: 'readonly' },
    },
  },
  {
    // What a visitor reads can be translated: it lies in www/words.
    files: ['www/{embed,engine,exhibits,offline,parts,pictures,shell,teach}/**/*.js'],
    plugins: { foolscope: { rules: { 'no-english': noEnglish } } },
    rules: { 'foolscope/no-english': 'error' },
  },
  {
    // Code of the worker: the compiler checks the same, this says it sooner.
    files: [
      'www/engine/{arrivals,brought,bytes,classifier,downloads,importer,kinds,meter,modules,own-store,pictures,pieces,program,programs,readback,tally,worker}.js',
      'www/bench/peers/*.js',
      'www/bench/adapter-worker.js',
    ],
    languageOptions: { globals: globals.worker },
    rules: { 'no-restricted-globals': ['error', 'document', 'window', 'localStorage'] },
  },
  { files: ['examples/*.js'], languageOptions: { globals: globals.browser } },
  {
    files: ['examples/**/*.js', 'tests/**/*.js', 'tools/**/*.js', 'tools/**/*.mjs', '*.js'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: { 'no-console': 'off' },
  },
];

import { defineConfig } from '@playwright/test';

/** Flags that keep Chromium quiet and to this machine. */
export const quiet = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A WebGPU adapter in software: slow, and the same on every machine. */
export const softwareGpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** A camera that shows a film, to who is never asked; and garbage that is collected when asked. @param {string} film */
export const camera = (film) => [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-video-capture=${film}`,
  '--js-flags=--expose-gc',
];

/** @param {string[]} more */
export const launch = (more = []) => ({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [...quiet, ...more],
});

export default defineConfig({
  testDir: '.',
  outputDir: '../../target/browser-tests',
  globalSetup: './setup.js',
  // One at a time: the tests measure time, and the classifier takes a core.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 30_000 },
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: launch(),
    viewport: { width: 1280, height: 900 },
    screenshot: 'only-on-failure',
    // What a worker fetches, the tests' own answers to requests do not reach.
    serviceWorkers: 'block',
    trace: 'off',
    actionTimeout: 20_000,
  },
});

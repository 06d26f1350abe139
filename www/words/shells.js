/** What the pages say before any of their program runs: to searchers, and where there is no JavaScript. */

/**
 * @typedef {object} ShellWords
 * @property {string} title of the window
 * @property {string} description
 * @property {string} noScript
 */

/** By file. @type {Record<'index' | 'bench' | 'teach', ShellWords>} */
export const SHELLS = {
  index: {
    title: 'Foolscope: how image classifiers are fooled',
    description:
      'See how a little noise makes an image classifier give another answer. Everything runs in your browser.',
    noScript: 'Foolscope runs an image classifier in your browser, and needs JavaScript for it.',
  },
  bench: {
    title: 'Foolscope: how fast on this device',
    description: 'How fast Foolscope runs in this browser, on this device, beside other libraries.',
    noScript: 'The benchmark runs in your browser, and needs JavaScript for it.',
  },
  teach: {
    title: 'Foolscope in class',
    description:
      'What each exhibit of Foolscope shows, what a class can do with it, and which terms come up.',
    noScript: 'This page is put together in your browser, and needs JavaScript for it.',
  },
};

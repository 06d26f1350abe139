/**
 * The exhibits, in the order of the talk. A new one is a folder and a line here.
 * All but the first are downloaded when they are opened.
 */

/**
 * @typedef {object} ExhibitEntry
 * @property {string} id in the address
 * @property {string} title
 * @property {string} tag of its element
 * @property {string} question what a visitor asks it
 * @property {() => Promise<unknown>} load
 */

/** @type {ExhibitEntry[]} */
export const EXHIBITS = [
  {
    id: 'live',
    title: 'Live',
    tag: 'live-exhibit',
    question: 'Can a little noise fool an image classifier?',
    load: () => Promise.resolve(),
  },
  {
    id: 'noises',
    title: 'Three noises',
    tag: 'noises-exhibit',
    question: 'How much noise does it take?',
    load: () => import(/* webpackChunkName: "noises" */ './noises/noises.js'),
  },
  {
    id: 'universal',
    title: 'Universal',
    tag: 'universal-exhibit',
    question: 'Can one noise fool nearly every picture?',
    load: () => import(/* webpackChunkName: "universal" */ './universal/universal.js'),
  },
];

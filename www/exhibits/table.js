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
  {
    id: 'geometry',
    title: 'Geometry',
    tag: 'geometry-exhibit',
    question: 'Why does it work?',
    load: () => import(/* webpackChunkName: "geometry" */ './geometry/geometry.js'),
  },
  {
    id: 'message',
    title: 'Hidden message',
    tag: 'message-exhibit',
    question: 'Can words you hardly see change the answer?',
    load: () => import(/* webpackChunkName: "message" */ './message/message.js'),
  },
  {
    id: 'changes',
    title: 'Small changes',
    tag: 'changes-exhibit',
    question: 'Must it be noise at all?',
    load: () => import(/* webpackChunkName: "changes" */ './changes/changes.js'),
  },
  {
    id: 'results',
    title: 'Results',
    tag: 'results-exhibit',
    question: 'What was measured?',
    load: () => import(/* webpackChunkName: "results" */ './results/results.js'),
  },
];

/**
 * The exhibits, in the order of the talk. A new one is a folder and a line here.
 * The first comes with the page; the others are downloaded when they are opened.
 */
import { EXHIBIT_WORDS } from '../words/exhibits.js';

/**
 * @typedef {object} ExhibitEntry
 * @property {string} id in the address
 * @property {string} title
 * @property {string} tag of its element
 * @property {string} question what a visitor asks it
 * @property {() => Promise<unknown>} [load] unless it comes with the page
 */

/** @type {ExhibitEntry[]} */
export const EXHIBITS = [
  {
    id: 'live',
    tag: 'live-exhibit',
    ...EXHIBIT_WORDS.live,
  },
  {
    id: 'noises',
    tag: 'noises-exhibit',
    ...EXHIBIT_WORDS.noises,
    load: () => import(/* webpackChunkName: "noises" */ './noises/noises.js'),
  },
  {
    id: 'universal',
    tag: 'universal-exhibit',
    ...EXHIBIT_WORDS.universal,
    load: () => import(/* webpackChunkName: "universal" */ './universal/universal.js'),
  },
  {
    id: 'geometry',
    tag: 'geometry-exhibit',
    ...EXHIBIT_WORDS.geometry,
    load: () => import(/* webpackChunkName: "geometry" */ './geometry/geometry.js'),
  },
  {
    id: 'message',
    tag: 'message-exhibit',
    ...EXHIBIT_WORDS.message,
    load: () => import(/* webpackChunkName: "message" */ './message/message.js'),
  },
  {
    id: 'changes',
    tag: 'changes-exhibit',
    ...EXHIBIT_WORDS.changes,
    load: () => import(/* webpackChunkName: "changes" */ './changes/changes.js'),
  },
  {
    id: 'results',
    tag: 'results-exhibit',
    ...EXHIBIT_WORDS.results,
    load: () => import(/* webpackChunkName: "results" */ './results/results.js'),
  },
];

/**
 * What is dropped anywhere on the page or pasted into it: files, the files of
 * folders, the page's own samples, links. Whatever came is handed on, and what
 * could not be taken is told; nothing is left out without a word.
 */
import { isPictureOrNoise, sortNetworks } from '../pictures/network-files.js';
import * as words from '../words/parts.js';

/** The kind of data that one of the page's own samples carries when it is dragged. */
export const SAMPLE = 'text/x-foolscope-sample';

/** Fired on the window, with the files: a network was dropped or pasted. */
export const NETWORK_FILES = 'foolscope-network';

/** A folder may hold thousands. */
const MOST_FILES = 200;

/**
 * @typedef {object} Arrival
 * @property {File[]} files
 * @property {boolean} more there were more than are taken
 *
 * @typedef {object} Taker
 * @property {(arrival: Arrival) => void} files
 * @property {(id: string) => void} sample
 * @property {(url: URL) => void} own a picture of this site
 * @property {(sentence: string) => void} explain
 */

/**
 * @param {Taker} taker
 * @returns {() => void} stops listening
 */
export function listenForFiles(taker) {
  const controller = new AbortController();
  const { signal } = controller;
  const root = document.documentElement;
  /** Drag events come from every element passed over: count in and out. */
  let depth = 0;
  const setDepth = (/** @type {number} */ to) => {
    depth = Math.max(0, to);
    root.toggleAttribute('data-dropping', depth > 0);
  };

  addEventListener('dragenter', () => setDepth(depth + 1), { signal });
  addEventListener('dragleave', () => setDepth(depth - 1), { signal });
  addEventListener('dragover', (event) => event.preventDefault(), { signal });
  addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      setDepth(0);
      if (event.dataTransfer) takeDropped(event.dataTransfer, taker);
    },
    { signal },
  );
  addEventListener(
    'paste',
    (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) take({ files, more: false }, taker);
      else if (!(
        event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      )) {
        taker.explain(words.NOTHING_TO_PASTE);
      }
    },
    { signal },
  );
  return () => controller.abort();
}

/** @param {DataTransfer} data @param {Taker} taker */
async function takeDropped(data, taker) {
  const sample = data.getData(SAMPLE);
  if (sample) return taker.sample(sample);
  const link = firstLink(data);
  // The page's own picture comes as a link, and in some browsers as a file too.
  const own = link && isOwn(link);
  if (own) return taker.own(link);
  const arrival = await filesOf(data);
  if (arrival.files.length) return take(arrival, taker);
  if (link) {
    return taker.explain(words.A_LINK);
  }
  return taker.explain(data.types.includes('Files') ? words.EMPTY_FOLDER : words.NO_FILE);
}

/** Networks are for the page, wherever they were dropped. @param {Arrival} arrival @param {Taker} taker */
async function take({ files, more }, taker) {
  if (files.every(isPictureOrNoise)) return taker.files({ files, more });
  const { network, others } = await sortNetworks(files);
  if (network.length) dispatchEvent(new CustomEvent(NETWORK_FILES, { detail: network }));
  if (others.length) taker.files({ files: others, more });
  return undefined;
}

/** @param {DataTransfer} data @returns {URL | null} */
function firstLink(data) {
  const lines = data.getData('text/uri-list').split(/\r?\n/);
  const link = lines.find((line) => line && !line.startsWith('#')) ?? '';
  return URL.canParse(link) ? new URL(link) : null;
}

/** @param {URL} link */
const isOwn = ({ href }) => href.startsWith(new URL('.', document.baseURI).href);

/**
 * All files, those in folders too. What is asked of the browser must be asked at
 * once: after the event it forgets what was dropped.
 * @param {DataTransfer} data
 * @returns {Promise<Arrival>}
 */
async function filesOf(data) {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const plain = [...data.files];
  if (!entries.some(({ isDirectory }) => isDirectory)) {
    return { files: plain.slice(0, MOST_FILES), more: plain.length > MOST_FILES };
  }
  /** @type {File[]} */
  const files = [];
  for (const entry of entries) {
    for await (const file of filesIn(entry)) {
      if (files.length === MOST_FILES) return { files, more: true };
      files.push(file);
    }
  }
  return { files, more: false };
}

/** @param {FileSystemEntry} entry @returns {AsyncGenerator<File>} in order of their names */
async function* filesIn(entry) {
  // What systems put beside files is nobody's picture.
  if (entry.name.startsWith('.') || entry.name === 'Thumbs.db' || entry.name === '__MACOSX') return;
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    yield await new Promise((resolve, reject) => file.file(resolve, reject));
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    // A hundred at a time.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    all.push(...some);
  }
  all.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  for (const each of all) yield* filesIn(each);
}

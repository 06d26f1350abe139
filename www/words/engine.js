/** What the engine says: why something cannot be had, and which device answers. */

import { LANGUAGE } from './common.js';

const whole = (/** @type {number} */ count) => count.toLocaleString(LANGUAGE);

// ---- the classifier and its worker

/** @param {string} id */
export const noNetwork = (id) => `There is no network called ${id}.`;
/** @param {string} title of a network */
export const noWeights = (title) => `No weights are shipped for ${title}.`;
/** @param {string} id */
export const noNoise = (id) => `There is no noise called ${id}.`;
export const NOT_LOADED = 'The classifier is not loaded yet.';
export const NOISE_NOT_LOADED = 'This noise is not loaded.';
export const NOT_RUNNING = 'The engine is not running.';
export const CLOSED = 'The engine was closed.';
export const TO_BE_MEASURED = 'The classifier starts again, to be measured.';
export const DOES_NOT_COUNT = 'The worker does not count.';
/** @param {string} cause */
export const notStarted = (cause) => `The classifier could not be started: ${cause}.`;
/** @param {string} cause */
export const stopped = (cause) => `The classifier stopped: ${cause}.`;
/** Causes of these. */
export const CAUSE = {
  noProgram: 'its program did not arrive',
  lostMessage: 'a message was lost',
  ended: 'the browser ended it',
  silent: 'it no longer answers',
};

// ---- devices

export const CPU_ASKED = 'The CPU was asked for.';
export const GPU_ASKED = 'The GPU was asked for.';
export const SOFTWARE_ASKED =
  'The GPU was asked for; it is only emulated in software, which is slow.';
export const GPU_TRIED = 'The GPU is being tried beside it.';
/** @param {string} trouble one of {@link NO_GPU} */
export const cpuInstead = (trouble) => `${trouble}, so the CPU does the work.`;
/** @param {string} ms @param {string} other */
export const gpuFaster = (ms, other) => `The GPU answers in ${ms} ms, the CPU in ${other}.`;
/** @param {string} ms @param {string} other */
export const cpuFaster = (ms, other) => `The CPU answers in ${ms} ms, the GPU in ${other}.`;
export const NO_GPU = {
  api: 'This browser has no WebGPU',
  refused: 'The browser could not open the GPU',
  none: 'The browser has WebGPU, but no GPU for it',
  /** @param {string} feature */
  lacks: (feature) => `The GPU lacks a feature (${feature})`,
  software: 'The only GPU here is emulated in software, which is slower',
};
export const GPU_STOPPED = 'The GPU stopped the classifier.';
export const GPU_LOST = 'The GPU was lost.';
export const GPU_FAILED = 'The GPU did not give its result.';
/** @param {string} reason a sentence */
export const beingPrepared = (reason) => `${reason} It is being prepared.`;
/** @param {string} why a sentence */
export const cpuDoesIt = (why) => `${why} The CPU does the work instead.`;

// ---- downloads

/** `npm start` serves before that. */
export const GPU_PROGRAM_LATER =
  'The program for the GPU is still being compiled where this page is served.';
export const GPU_PROGRAM = 'The program for the GPU could not be downloaded.';
export const EXHIBIT_PROGRAM = 'The program for this exhibit could not be downloaded.';
/** @param {string} cause */
export const oldBrowser = (cause) =>
  `This browser cannot start the classifier (${cause}). Use a current version of Chrome, Edge, Firefox or Safari.`;
/** @param {string | undefined} file @param {number} bytes @param {number | undefined} expected */
export const damaged = (file, bytes, expected) =>
  `The file ${file} arrived damaged (${whole(bytes)} bytes${
    expected === undefined ? '' : ` where ${whole(expected)} were expected`
  }, or with other content). Try again; if it stays so, the site's copy is broken.`;
/** @param {string | undefined} file @param {string} why */
export const notDownloaded = (file, why) => `The file ${file} could not be downloaded: ${why}.`;
/** @param {string} why */
export const pictureNotDownloaded = (why) => `The picture could not be downloaded: ${why}.`;
export const NO_CONNECTION = 'there is no connection';
export const BROKE_OFF = 'the connection broke off';
/** @param {number} status */
export const serverSaid = (status) => `the server answered ${status}`;

// ---- pictures

const SHOW_INSTEAD = 'Choose a JPEG, PNG, WebP or GIF file.';
/** What a file is that shows no picture, and what to do. */
export const NO_PICTURE = {
  empty: `This file is empty. ${SHOW_INSTEAD}`,
  heic: 'This is a HEIC picture, as iPhones save them, which this browser cannot read. Export it as JPEG, then choose that file.',
  avif: `This is an AVIF picture that this browser cannot read. ${SHOW_INSTEAD}`,
  film: 'This is a film, not a picture. Choose one picture of it, as JPEG or PNG.',
  svg: 'This is an SVG drawing, which has no pixels yet. Export it as PNG, then choose that file.',
  pdf: 'This is a PDF document, not a picture. Export the page as PNG, then choose that file.',
  tiff: 'This is a TIFF or raw picture, which this browser cannot read. Export it as JPEG or PNG, then choose that file.',
  damaged:
    'This picture is damaged or incomplete: the browser cannot read it. Copy the file once more, or choose another.',
  other: `This file is not a picture that the browser can read. ${SHOW_INSTEAD}`,
};
export const NO_SOURCE =
  'A picture is a file (a Blob), an address, ImageData, an ImageBitmap or a frame of a film.';
export const ALTERED =
  'This browser alters the pixels that pages read, as a protection against being recognised, so the classifier would see another picture than you. Allow this page to read canvas data, then load it again.';
export const NO_CANVAS = 'This browser gives no canvas to draw on.';
export const TRANSPARENT =
  'This picture is wholly transparent: there is nothing on it to see. Choose another.';
/** @param {number} width @param {number} height @param {number} least */
export const tooSmall = (width, height, least) =>
  `This picture is too small to classify (${whole(width)} × ${whole(height)} pixels). Choose one with at least ${least} pixels on its short side.`;
/** @param {number} width @param {number} height @param {string} why */
export const tooLarge = (width, height, why) =>
  `This picture is too large (${whole(width)} × ${whole(height)} pixels; ${why}). Make it smaller, for example 2,000 pixels wide, and choose it again.`;
/** @param {number} millions */
export const limitOf = (millions) => `the limit is ${millions} million`;
export const TOO_MUCH = 'more than this browser can decode';

// ---- networks that somebody brings

export const NETWORK_GONE = 'This network is no longer kept in this browser: bring its file again.';
export const NETWORK_IN_USE = 'This network is in use: choose another one first.';
export const IMPORT_ENDED = 'The import was ended.';
export const TRIAL_ENDED = 'The trial was ended.';
export const NO_MEMORY =
  'The network could not be read: it needs more memory than the browser gives a page.';
/** @param {string} file */
export const otherNetwork = (file) =>
  `The file ${file} is not the one that this site lists (its SHA-256 is another). The site’s copy is broken.`;
/** @param {string} why */
export const badList = (why) => `The site’s list of networks cannot be read: ${why}.`;
export const NO_LIST = 'it is not a list';
/** @param {number} entry @param {string} what */
export const lacks = (entry, what) => `entry ${entry} has no ${what}`;
export const TOO_LONG = 'it is larger than the list says';

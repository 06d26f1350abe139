/** What the page says around the exhibits: header, footer, dialogs, notices. */

/**
 * A piece of markup that the page makes, such as a link, and where it stands in a sentence.
 * @typedef {import('lit').TemplateResult} Markup
 */

/** The window's title. @param {string} exhibit */
export const windowTitle = (exhibit) => `${exhibit} · Foolscope: how image classifiers are fooled`;

// ---- header and footer

export const EXHIBITS = 'Exhibits';
export const NETWORK = 'Network';

/** Weights of which nobody need be told, in bytes. */
const SMALL = 5e6;

/**
 * A network to choose, with what it downloads.
 * @param {import('../engine/types.js').NetworkInfo} network
 * @param {boolean} narrow there is room for a few letters, which must tell it from others
 */
export function networkOption({ title, data, weightBytes }, narrow) {
  if (narrow) title = title.replace(/^EfficientNet-/, '');
  const size = weightBytes > SMALL ? `, ${(weightBytes / 1e6).toFixed(0)} MB` : '';
  return `${title}, ${data.split(/[\s,]/)[0]}${size}`;
}

export const PRESENT = 'Presenter view';
export const LEAVE = 'Leave the presenter view';

const THEMES = { auto: 'as the system', dark: 'dark', light: 'light' };
/** @param {keyof typeof THEMES} theme */
export const coloursTitle = (theme) => `Colours: ${THEMES[theme]}`;
/** @param {keyof typeof THEMES} theme */
export const coloursLabel = (theme) => `${coloursTitle(theme)}. Change`;

export const PAPERS = { deepfool: 'DeepFool', universal: 'Universal adversarial perturbations' };
/** @param {Markup} deepfool a link @param {Markup} universal another */
export const after = (deepfool, universal) => [
  'After ',
  deepfool,
  ' and ',
  universal,
  ', Moosavi-Dezfooli and others.',
];
export const TEACHERS = 'For teachers';

// ---- notices

/** A picture that another application sent without a name. */
export const SHARED_PICTURE = 'Shared picture';
export const NEWER = 'A newer version of this page is there.';
export const OPEN_NEWER = 'Open it';
/** @param {string} network @param {string} usual the title of the one that is shown */
export const noSuchNetwork = (network, usual) =>
  `No network called ${network} is shipped with this page: ${usual} is shown.`;
/** @param {string} why a sentence */
export const startedAgain = (why) => `${why} It is started again.`;
/** @param {string} why a sentence @param {string} network the one before */
export const goesOn = (why, network) => `${why} ${network} goes on.`;

// ---- sharing

export const COPY_LINK = 'Copy this link:';
export const LINK_COPIED = 'The link to this page, as it stands, was copied.';
export const LINK_WITHOUT_NOISE =
  'The link was copied. Your own noise is not in it: elsewhere it opens with the shipped one.';
export const LINK_WITHOUT_PICTURE =
  'The link was copied. Your own picture is not in it: it opens with a sample picture.';
export const LINK_WITHOUT_BOTH =
  'The link was copied. Your own picture and noise are not in it: it opens with those of this page.';

/** @typedef {{ network: string, usual: string }} OnlyHere titles of a network of one's own, and of the one that others see */
/** @param {OnlyHere} titles */
export const linkOnlyHere = ({ network, usual }) =>
  `The link shows ${network} only in this browser: others see ${usual}.`;

// ---- credits

export const CREDITS = 'Credits';
export const SAMPLE_PHOTOS = 'Sample photos';
export const SOURCE = 'Source';
/** @param {string} author @param {string} licence @param {Markup} source a link */
export const credit = (author, licence, source) => [`${author}, ${licence}. `, source];
export const NO_LIST = 'The list of the sample photos could not be downloaded.';
export const DRAWN_HERE =
  'The digits and the pictures of CIFAR-10’s classes are drawn by this page.';
export const CLASSIFIER = 'Classifier';
/** @param {import('../engine/types.js').NetworkInfo} network @param {string} source a sentence */
export const networkCredit = ({ title, parameters, data, licence }, source) =>
  `${title}, ${(parameters / 1e6).toFixed(1)} million parameters, trained on ${data}. ${licence}. ${source}`;
export const LICENCE =
  'Foolscope itself is free software, under the MIT or the Apache 2.0 licence, as you prefer.';
export const HOW_FAST = 'How fast is it on this device?';

// ---- in another page

export const EMBED = 'Put this exhibit into your page';
export const LEAVE_OUT = 'Leave out';
/** What can be left out, as a reader would say it. @type {Record<string, string>} */
export const PARTS = {
  header: 'the header (name, network, colours)',
  footer: 'the footer (papers, credits)',
  pictures: 'the choice of pictures',
};
/** @param {Markup} message */
export const pasteThese = (message) => [
  'Paste these lines into the HTML of your page. The frame follows the exhibit’s height: it sends the message ',
  message,
  ', and nothing else.',
];
/** @param {OnlyHere} titles */
export const frameOnlyHere = ({ network, usual }) =>
  `The frame shows ${network} only in this browser: others see ${usual}.`;
export const LINES = 'Lines to paste';
export const COPY = 'Copy';
export const COPIED = 'Copied';
export const PREVIEW = 'Preview';
export const CLOSE_PREVIEW = 'Close the preview';

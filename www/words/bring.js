/** What the page says where somebody brings a network of their own. */
import { LANGUAGE, count, percent } from './common.js';

/**
 * @import { ImportAbout, ImportProgress, NetworkInfo, Offer, PresetTrial, StorageFigures } from '../engine/types.js'
 */

// ---- in the menu of networks

/** @param {string} title */
export const ownOption = (title) => `${title}, your own`;
/** @param {Offer} offer */
export const offerOption = ({ title, size }) => `${title}, ${megabytes(size)} to download`;
/** @param {string} title of a network that the site offered */
export const siteOption = (title) => `${title}, of this site`;
export const BRING_OPTION = 'Bring your own…';

export const NOT_HERE =
  'This link names a network that somebody brought: it is kept in their browser alone. Bring the same file here to see the same.';
/** @param {string} usual */
export const instead = (usual) => `${NOT_HERE} ${usual} is shown.`;

// ---- the dialog

export const TITLE = 'Your own network';
export const ABOUT =
  'An image classifier from a file: ONNX (.onnx, with its data file if there is one), Caffe (.caffemodel, with .prototxt and mean image if you have them), or weights from PyTorch (.pth, .pt, .safetensors) for a network that this page knows, such as ResNet-50 or VGG-16. It is read and kept in this browser, and sent nowhere.';
export const CHOOSE = 'Choose files';
export const OR_DROP = 'Or drop them anywhere on the page.';
export const KEPT = 'In this browser';
export const NONE = 'None yet.';
export const USE = 'Use';
/** Said aloud. @param {string} title */
export const useOf = (title) => `${USE} ${title}`;
export const FORGET = 'Forget';
/** Said aloud. @param {string} title */
export const forgetOf = (title) => `${FORGET} ${title}`;
export const IN_USE = 'in use';
export const NOT_KEPT = 'until you leave this page';

/** @param {NetworkInfo} network */
export const listed = ({ side, classes, own }) =>
  `${side} × ${side} pixels, ${count(classes)} classes, ${megabytes(own?.bytes ?? 0)}`;

/** @param {StorageFigures} figures */
export const stored = ({ own, usage, quota }) =>
  quota === null || usage === null
    ? `They take ${megabytes(own)}.`
    : `They take ${megabytes(own)}; the browser gives this page ${megabytes(Math.max(0, quota - usage))} more.`;

/** @param {number} bytes */
export function megabytes(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${bytes < 1e7 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`;
}

// ---- while it comes

/** @param {ImportProgress | null} progress */
export function progressText(progress) {
  switch (progress?.stage) {
    case 'download':
      return `Downloading the network: ${of(progress)}`;
    case 'program':
      return `Downloading the program that reads networks: ${of(progress)}`;
    case 'checking':
      return `Looking through the file: ${of(progress)}`;
    case 'trying':
      return `Trying how pixels go in: ${progress.done} of ${progress.total} answers`;
    case 'keeping':
      return `Keeping it: ${of(progress)}`;
    default:
      return 'Reading the file';
  }
}

/** @param {{ loaded: number, total: number }} bytes */
const of = ({ loaded, total }) =>
  total ? `${megabytes(loaded)} of ${megabytes(total)}` : megabytes(loaded);

// ---- what it is

/** @param {ImportAbout} about */
export const facts = ({ format, file, side, channels, classes, parameters, multiplyAdds }) =>
  `${file} (${format}): sees ${side} × ${side} pixels${channels === 1 ? ' in grey' : ''}, tells ${count(classes)} classes apart, ${millions(parameters)} parameters, ${millions(multiplyAdds)} multiplications a picture.`;

/** @param {number} number */
function millions(number) {
  if (number < 1e6) return number.toLocaleString(LANGUAGE, { maximumSignificantDigits: 3 });
  const [unit, name] = number < 1e9 ? [1e6, 'million'] : [1e9, 'billion'];
  return `${(number / unit).toLocaleString(LANGUAGE, { maximumSignificantDigits: 3 })} ${name}`;
}

export const NAME = 'Name';

// ---- how pixels go in

export const PIXELS = 'How pixels go in';
export const PIXELS_ABOUT =
  'The file does not say which numbers the network was trained to see, so each usual way is tried on the sample photos.';
export const SKIP = 'Skip';
export const SKIPPED = 'Not all ways were tried. Choose the one that the network was trained with.';
export const NOTHING_PROPOSED =
  'The sample photos do not tell how pixels go in: choose a way below.';

/** As a visitor reads them. @type {Record<string, { title: string, about: string }>} */
export const PRESETS = {
  none: { title: 'As they are', about: 'red, green, blue from 0 to 1' },
  torchvision: {
    title: 'PyTorch’s way',
    about: 'from 0 to 1, less ImageNet’s mean, divided by its deviation',
  },
  caffe: { title: 'Caffe’s way', about: 'blue first, from 0 to 255, less a mean' },
  tensorflow: { title: 'TensorFlow’s way', about: 'from −1 to 1' },
  lite: { title: 'EfficientNet-Lite’s way', about: 'less 127, divided by 128' },
  levels: { title: 'Levels', about: 'red, green, blue from 0 to 255' },
};

/** A preset that is not in the table above. @param {{ title: string, about: string }} preset @param {string} id */
export const preset = (id, preset) => PRESETS[id] ?? preset;

/** @param {string | null} id of the way that is built into a file of ours, where it says */
export function pixelsKnown(id) {
  if (id === 'numbers') return 'A mean and a deviation of its own are built into the file.';
  const built = PRESETS[id ?? ''];
  if (!built) return 'It is known for this network.';
  return `Built into the file: ${built.title} (${built.about}).`;
}

/**
 * @param {PresetTrial} best the one that is proposed
 * @param {PresetTrial[]} trials
 * @param {string} known the network that it was compared with
 */
export function proposal(best, trials, known) {
  const { title } = preset(best.preset, { title: best.preset, about: '' });
  const share = percent(best.sureness);
  const surest = trials.length > 1 && trials.every(({ sureness }) => sureness <= best.sureness);
  const sure = surest ? `surest, ${share} on average,` : `${share} sure on average`;
  const { agreement, different, photos } = best;
  const ofAll = `${photos} ${photos === 1 ? 'photo' : 'photos'}`;
  const seen =
    agreement === null
      ? `names ${different} different ${different === 1 ? 'class' : 'classes'} on ${ofAll}`
      : `agrees with ${known} on ${agreement} of ${ofAll}`;
  return `Proposed: ${title}. With it the network is ${sure} and ${seen}.`;
}

/** @param {PresetTrial} trial */
export const trialText = ({ sureness, agreement, photos, different }) =>
  agreement === null
    ? `${percent(sureness)} sure, ${different === 1 ? 'the same answer to all' : `${different} different answers`}`
    : `${percent(sureness)} sure, agrees on ${agreement} of ${photos}`;

export const NUMBERS = { title: 'Other numbers', about: 'a mean and a deviation of your own' };
export const COLOURS = ['red', 'green', 'blue'];
export const GREY = ['grey'];
/** @param {string} colour */
export const meanOf = (colour) => `Mean, ${colour}`;
/** @param {string} colour */
export const deviationOf = (colour) => `Deviation, ${colour}`;
export const LEVELS_NOTE =
  'In levels from 0 to 255: the mean is subtracted, then the rest is divided by the deviation.';
export const BLUE_FIRST = 'The network takes blue first';
export const SHORT_SIDE = 'A picture’s short side is scaled to, in pixels';
/** @param {number} side */
export const shortSideNote = (side) => `The ${side} × ${side} pixels in the middle are seen.`;

// ---- names of classes

export const CLASSES = 'What the classes are called';
export const NAMES_OF_FILE = 'Its own names';
export const NAMES_OF_IMAGENET = 'ImageNet’s names';
export const NAMES_NUMBERS = 'Numbers';
export const NAMES_TEXT = 'From a text file, one name a line';
export const CHOOSE_NAMES = 'Choose the text file';
/** @param {string[]} names */
export const someNames = (names) =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;

// ---- what is to be mended before it can be kept

export const WRONG = {
  preset: 'Choose how pixels go in.',
  mean: 'Give a number as the mean of each colour.',
  deviation: 'Give a number above 0 as the deviation of each colour.',
  /** @param {number} least @param {number} most */
  shortSide: (least, most) => `Give a whole number from ${count(least)} to ${count(most)}.`,
  /** @param {number} classes */
  names: (classes) => `Choose a text file with ${count(classes)} names.`,
};

// ---- the end of it

export const KEEP = 'Keep and use it';
export const BACK = 'Cancel';
/** @param {string} title */
export const onlyHere = (title) =>
  `The browser does not store ${title}: storage is refused here, or too small for it. It works until you leave this page.`;
/** @param {string} title */
export const forgotten = (title) => `${title} was removed from this browser.`;
export const DROP = 'Drop the picture or the network anywhere';

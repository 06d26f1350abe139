/**
 * What Live says beyond its first figure: towards a chosen class, after saving,
 * of several networks at once, of cameras.
 */
import { count, digits, percent, percentInWords, whatIsLeft } from './common.js';

/**
 * @import { Answer, Found, NetworkInfo, Norms, SmallestProgress } from '../engine/types.js'
 * @import { Named, Sentence } from './common.js'
 */

/** @param {Answer} answer @param {'clean' | 'fooled'} tone @returns {Named} */
const named = (answer, tone) => ({ answer: answer.top[0].name, tone });

/** @param {string[]} parts */
export const listed = (parts) =>
  parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? '');

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// ---- a target class

export const TARGET = {
  deepfool: 'Should become',
  universal: 'All pictures should become',
  any: 'Any other class',
  clear: 'Any other',
  /** @param {number} classes */
  note: (classes) =>
    `Targeted: the noise has to lead to the one class of ${classes} that you name, which usually takes a larger noise than leading anywhere else.`,
  universalNote:
    'Targeted: instead of leading each picture anywhere else, the noise has to lead all of them to the one class that you name, which is harder.',
  legend: 'What the pictures should become',
};

/** @param {string} name */
export const targetTitle = (name) => `DeepFool, targeted: towards ${name}`;

/** Of a noise of the visitor's own. @param {string} name @param {string} pictures */
export const targetedNoise = (name, pictures) => `Towards ${name}, from ${pictures}`;

/** Of so many pictures. @param {string} name @param {string} whose */
export const became = (name, whose) => `Became ${name}, of ${whose}`;

/**
 * @param {Found} found
 * @param {{ label: number, name: string }} target
 * @param {Answer | null} saved the answer to the sum in whole levels
 * @returns {Sentence}
 */
export function targetedSentence(found, target, saved) {
  const { clean, adversarial, rho, norms, iterations } = found;
  const is = (/** @type {Answer} */ answer) => answer.top[0].label === target.label;
  if (is(clean)) {
    return [
      'The classifier says ',
      named(clean, 'clean'),
      ' already, which is the class that you chose: there is nothing to change.',
    ];
  }
  if (!is(adversarial)) {
    return [
      `In ${iterations} iterations DeepFool did not reach ${target.name}: with its noise the classifier says `,
      named(adversarial, found.fooled ? 'fooled' : 'clean'),
      '.',
    ];
  }
  /** @type {Sentence} */
  const said = [
    rho === null
      ? `A noise ${digits(norms.l2)} levels long turns `
      : `A noise as small as ${digits(rho * 100)}\u00a0% of the picture turns `,
    named(clean, 'clean'),
    ' into ',
    named(adversarial, 'fooled'),
    ', the class that you chose.',
  ];
  if (!saved) return [...said, ` ${whatIsLeft(found)}`];
  if (is(saved)) return [...said, ' Saved in whole levels it still does.'];
  const old = saved.top[0].label === clean.top[0].label;
  return [
    ...said,
    ' Rounded to whole levels, as in every saved picture, it says ',
    named(saved, old ? 'clean' : 'fooled'),
    old ? ' again.' : ' instead.',
  ];
}

/**
 * Of a noise that took the place of DeepFool's.
 * @param {{ clean: Answer | null, perturbed: Answer | null, norms: Norms | null, found: Found | null, smallest: boolean, vain: number | null }} scene
 * @param {{ l2: number, milliseconds: number, fooled: boolean }} first DeepFool's
 * @returns {Sentence}
 */
export function smallerSentence({ clean, perturbed, norms, found, smallest, vain }, first) {
  if (!clean || !perturbed || !norms) return [];
  const began = first.fooled
    ? `DeepFool: ${digits(first.l2)} levels in ${digits(first.milliseconds / 1000)}\u00a0s`
    : 'DeepFool found none';
  const searched = vain === null ? '' : ` ${inVain(vain)}`;
  if (!smallest) return [`${began}.${searched}`];
  return [
    `${began}; the smallest found so far: ${digits(norms.l2)} levels. It turns `,
    named(clean, 'clean'),
    ' into ',
    named(perturbed, 'fooled'),
    found ? `. ${whatIsLeft(found)}${searched}` : '.',
  ];
}

/** Of a longer search that found none smaller. @param {number} gradients 0 where it was stopped */
const inVain = (gradients) =>
  gradients
    ? `No smaller one was found with ${count(gradients)} gradients more.`
    : 'No smaller one was found before the search was stopped.';

/**
 * @param {Found} found
 * @param {{ label: number, name: string }} target
 * @param {Answer | null} saved
 */
export function targetedVerdict({ adversarial, fooled }, target, saved) {
  if (adversarial.top[0].label !== target.label)
    return fooled ? 'fooled, another class' : 'not fooled';
  if (!fooled) return 'not fooled';
  return saved?.top[0].label === target.label ? 'fooled, saved too' : 'fooled, not when saved';
}

// ---- does it survive?

export const SURVIVAL = {
  open: 'Does it survive saving?',
  title: 'The sum, saved in four ways',
  none: 'There is no noise yet. Add one above, and the sum is saved here in four ways.',
  how: 'The sum is written by this browser, read again as any picture is, and classified once more.',
  quality: 'Quality',
  altered: 'This browser alters what pages read from a canvas, so nothing is said of it.',
  find: 'Find a noise that survives',
  findNote:
    'In whole grey levels, which are all that a file keeps: the smallest such change that is found to change the answer.',
  finding: 'Looking for the smallest noise',
  download: 'Download the picture (.png)',
  stop: 'Stop',
  madeTitle: 'The picture from its file',
};

/** @param {number} quality */
export const jpegTitle = (quality) => `JPEG, quality ${quality}`;
export const TRIPS = {
  png: 'PNG, 8 bits a value',
  half: 'Half the size, and back',
  screen: '125 %, and back',
};

/** In a sentence. @param {string} id @param {number} quality */
const after = (id, quality) =>
  ({
    png: 'saved as a PNG',
    jpeg: `saved as a JPEG of quality ${quality}`,
    half: 'made half as large and back',
    screen: 'scaled to 125 % and back, as a screen does',
  })[id] ?? id;

/**
 * @param {{ id: string, fooled: boolean }[]} rows those that were answered
 * @param {number} quality
 * @param {boolean} [fools] whether the sum fools as it is
 * @returns {string}
 */
export function survivalSentence(rows, quality, fools = true) {
  const those = (/** @type {boolean} */ fooled) =>
    rows.filter((row) => row.fooled === fooled).map(({ id }) => after(id, quality));
  const [yes, no] = [those(true), those(false)];
  if (!rows.length) return '';
  if (!no.length) return `It survives all of these: ${listed(yes)}, it still fools.`;
  if (!yes.length && !fools)
    return `The sum does not fool as it is, and no way of saving it changes that.`;
  if (!yes.length)
    return `It survives none of these ${rows.length}: ${listed(no)}, it does not fool.`;
  return `${capital(listed(yes))}, it still fools; ${listed(no)}, it does not.`;
}

/** @param {Answer} answer */
export const answerText = ({ top: [first] }) =>
  `${first.name}, ${percentInWords(first.probability)}`;

/** @param {boolean} fooled */
export const fooledText = (fooled) => (fooled ? 'fooled' : 'not fooled');

/** @param {SmallestProgress | null} progress */
export function findingText(progress) {
  if (!progress) return SURVIVAL.finding;
  const { gradients, maxGradients, norms } = progress;
  return `${SURVIVAL.finding}: ${digits(norms.l2)} levels long after ${gradients} of ${maxGradients} gradients`;
}

/** @param {Found} found @param {Answer} read the file's @returns {Sentence} */
export const survivorSentence = (found, read) => [
  `This noise, at most ${digits(found.norms.linf)} of 255 levels a pixel and ${digits(found.norms.l2)} levels long, survives: the file was read again, and the classifier said `,
  named(read, 'fooled'),
  ' instead of ',
  named(found.clean, 'clean'),
  '.',
];

/** @param {Answer} clean */
export const noSurvivor = (clean) =>
  `No change in whole levels was found that turns ${clean.top[0].name} into what was wished for.`;

/** @param {Answer} clean */
export const nothingToFind = (clean) =>
  `The classifier says ${clean.top[0].name} already: choose another class above.`;

export const notOffered =
  'A noise was found, but its file did not fool when it was read again, so it is not offered.';

// ---- networks side by side

/** Several noises of one network. */
export const NOISES_BESIDE = {
  open: 'Other noises',
  title: 'Other noises for this network',
  how: 'No noise is the only one: these were made with other seeds, by another norm, or by you.',
  own: 'Made here',
  fools: (/** @type {number} */ rate) => `Fools ${percent(rate)} of other pictures`,
  loading: 'Loading the noises',
  missing: 'The noises could not be downloaded.',
  again: 'Try again',
};

export const BESIDE = {
  open: 'Other networks',
  title: 'The same sum, other networks',
  note: 'A noise that was made for one network often fools others too: a universal one is then doubly universal, across pictures and across networks.',
  most: 2,
  mostText: 'Two at a time.',
  picture: 'picture',
  sum: 'with noise',
  again: 'Try again',
  clean: 'There is no noise yet: add one above.',
};

/** @param {NetworkInfo} network */
export const networkName = ({ title, data }) => `${title}, ${data.split(/[\s,]/)[0]}`;

/** @param {NetworkInfo} network @param {NetworkInfo} used */
export function whyNotBeside({ side, channels, data }, used) {
  if (channels !== used.channels)
    return `sees ${side} × ${side} pixels ${channels === 1 ? 'in grey' : 'in colours'}: this noise does not fit`;
  return data === used.data ? '' : 'knows other classes';
}

/** @param {NetworkInfo} network @param {NetworkInfo} used */
export const sizeNote = ({ side }, used) =>
  side === used.side ? '' : `sees ${side} × ${side} pixels`;

/** @param {NetworkInfo} used */
export const noneBeside = ({ title }) => `No other network here knows the classes of ${title}.`;

/** @param {number} bytes */
export const memoryText = (bytes) =>
  `takes ${(bytes / 1e6).toFixed(0)} MB of weights and a program of its own`;

/** @param {string} name @param {number} share */
export const arrivingText = (name, share) =>
  share > 0 && share < 1 ? `${name} arrives: ${Math.round(100 * share)} %` : `${name} starts`;

/**
 * @param {{ title: string, clean: Answer, perturbed: Answer | null, fooled: boolean }[]} answers
 * @param {string} used the network that the noise is shown with
 * @param {boolean} fooled whether that one is
 * @returns {Sentence}
 */
export function besideSentence(answers, used, fooled) {
  if (!answers.length) return [];
  if (!answers[0].perturbed) {
    return answers.flatMap(({ title, clean }, index) => [
      `${index ? ' ' : ''}${title} says `,
      named(clean, 'clean'),
      '.',
    ]);
  }
  /** @type {Sentence} */
  const said = [`The sum that ${fooled ? 'fools' : 'does not fool'} ${used}: `];
  answers.forEach(({ title, clean, perturbed, fooled }, index) => {
    if (index) said.push('; ');
    said.push(
      ...(fooled
        ? [
            `${title} says `,
            named(/** @type {Answer} */ (perturbed), 'fooled'),
            ' instead of ',
            named(clean, 'clean'),
          ]
        : [`${title} still says `, named(clean, 'clean')]),
    );
  });
  return [...said, '.'];
}

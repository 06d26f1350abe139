/** A noise in numbers: how large it is, and whom it fools, counted how. */
import { html, nothing } from 'lit';
import { digits, ofAll, percent } from '../../words/common.js';
import { became } from '../../words/live.js';
import { isOwn } from '../../pictures/noises.js';

/**
 * @import { TemplateResult } from 'lit'
 * @import { Perturbation } from '../../engine/types.js'
 * @import { Making } from './making.js'
 * @import { OwnNoise, Share } from '../../pictures/noises.js'
 * @import { Scene } from './scene.js'
 */

/** @param {Scene | null} scene @param {Perturbation | OwnNoise | null} universal the one that is chosen */
export function noiseFigures(scene, universal) {
  if (!scene?.norms) return nothing;
  const { l2, linf } = scene.norms;
  return html`<dl class="figures" id="figures">
    ${fact('Largest change (ℓ∞)', `${digits(linf)} of 255`, 'linf', 'The l∞ norm, in levels')}
    ${fact('Length (ℓ2)', `${digits(l2)} levels`, 'l2', 'The l2 norm, in levels of 255')}
    ${foolingRate(scene, universal)} ${scene.found ? foundFigures(scene.found) : nothing}
  </dl>`;
}

/** @param {NonNullable<Scene['found']>} found */
const foundFigures = (found) => [
  fact(
    'Of the picture’s own length (ρ)',
    found.rho === null ? 'not defined' : `${digits(found.rho * 100)} %`,
    'rho',
    'l2 norm of the noise, divided by that of the picture',
  ),
  fact('Iterations', String(found.iterations), 'iterations', ''),
  found.stalls
    ? fact(
        'Stalls that were left',
        String(found.stalls),
        'stalls',
        'Where the published steps led no further, at a tie or a kink, and it went on otherwise',
      )
    : nothing,
  fact('The exact sum fools', yesNo(found.fooled), 'exact', 'As it was computed, in fractions'),
  fact(
    'Clipped to 0–255 it fools',
    yesNo(found.survivesClipping),
    'clipping',
    'As a screen shows it',
  ),
  fact('Saved as 8 bits it fools', yesNo(found.survivesRounding), 'rounding', 'As in a file'),
];

/** Of the noise as it was made: at another strength it would be another number. */
function foolingRate(
  /** @type {Scene} */ scene,
  /** @type {Perturbation | OwnNoise | null} */ universal,
) {
  const asMade = scene.perturbation && Math.abs(scene.strength - 1) < 1e-3;
  if (!asMade || !universal) return nothing;
  const made = isOwn(universal) ? universal : null;
  if (scene.noise === 'random') {
    if (!made?.counts) return nothing;
    return fact('Fooled, of all pictures', ofAll(made.counts.random), 'random', '');
  }
  if (made) return ownCounts(made);
  const { foolingRate: exact, foolingRateSaved: saved } = universal;
  const which =
    'Share of the pictures, none of them used to make this noise, whose answer it changes; ';
  return [
    saved
      ? fact(
          'Fooling rate, saved as 8 bits',
          percent(saved.others),
          'rate',
          `${which}the sum clipped to black and white and in whole levels, as on this page`,
        )
      : nothing,
    fact(
      'Fooling rate, exact sum',
      percent(exact.others),
      saved ? 'rate-exact' : 'rate',
      `${which}the sum neither clipped nor rounded, as in the papers`,
    ),
  ];
}

/** @param {OwnNoise} made */
function ownCounts({ counts, uncounted, ownText, othersText, target }) {
  if (!ownText) return nothing; // It came from a file, which does not say.
  const count = (/** @type {Share | undefined} */ share) =>
    share ? ofAll(share) : uncounted ? 'counting' : 'not counted';
  const aimed = (/** @type {Share | undefined} */ share, /** @type {string} */ whose) =>
    target && share?.became !== undefined && share.of
      ? fact(
          became(target.name, whose),
          ofAll({ ...share, fooled: share.became }),
          `became-${whose === 'others' ? whose : 'own'}`,
          '',
        )
      : nothing;
  return [
    aimed(counts?.own, 'its own'),
    aimed(counts?.others, 'others'),
    fact('Fooled, of its own pictures', count(counts?.own), 'own', `It learnt from ${ownText}`),
    othersText
      ? [
          fact(
            'Fooled, of others',
            count(counts?.others),
            'others',
            `It was tried on ${othersText}`,
          ),
          counts && !counts.randomOthers
            ? nothing
            : fact(
                'Of the same others, by random noise',
                count(counts?.randomOthers),
                'random-others',
                'Random noise of the same norm',
              ),
        ]
      : nothing,
    fact(
      'Of all, by random noise',
      count(counts?.random),
      'random',
      'Random noise of the same norm',
    ),
  ];
}

/** @param {Making} making */
export function makingFigures({ order, progress, random }) {
  const rate = progress?.otherRate;
  return html`<dl class="figures" id="figures">
    ${fact(
      order.target
        ? became(order.target.name, `its own ${order.own.length}`)
        : `Fooled, of its own ${order.own.length}`,
      typeof progress?.runningRate === 'number' ? percent(progress.runningRate) : '–',
      'own',
      `It learns from ${order.ownText}; the share of those seen in this pass`,
    )}
    ${
      order.others.length
        ? [
            fact(
              order.target
                ? became(order.target.name, `${order.others.length} others`)
                : `Fooled, of ${order.others.length} others`,
              typeof rate === 'number' ? percent(rate) : '–',
              'others',
              `It is tried on ${order.othersText} after every pass`,
            ),
            fact(
              'Of the same others, by random noise',
              random ? percent(random.fooled / random.of) : '–',
              'random-others',
              'Random noise of the same size',
            ),
          ]
        : nothing
    }
  </dl>`;
}

/** @param {string} name @param {string} value @param {string} id @param {string} title @returns {TemplateResult} */
const fact = (name, value, id, title) =>
  html`<div title=${title || nothing}>
    <dt>${name}</dt>
    <dd data-figure=${id}>${value}</dd>
  </div>`;

/** @param {boolean} value */
const yesNo = (value) => (value ? 'yes' : 'no');

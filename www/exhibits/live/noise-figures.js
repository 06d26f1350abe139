/** A noise in numbers: how large it is, and whom it fools, counted how. */
import { html, nothing } from 'lit';
import { count as counted, ofAll, percent } from '../../words/common.js';
import { became } from '../../words/live.js';
import {
  COUNTING,
  FACTS,
  levels255,
  levelsText,
  MAKING_FACTS,
  NOT_COUNTED,
  OWN_FACTS,
  rhoText,
  yesNo,
} from '../../words/live-figure.js';
import { isOwn } from '../../pictures/noises.js';

/**
 * @import { TemplateResult } from 'lit'
 * @import { Perturbation } from '../../engine/types.js'
 * @import { Making } from './making.js'
 * @import { OwnNoise, Share } from '../../pictures/noises.js'
 * @import { Scene } from './scene.js'
 * @import { Fact } from '../../words/live-figure.js'
 */

/** @param {Scene | null} scene @param {Perturbation | OwnNoise | null} universal the one that is chosen */
export function noiseFigures(scene, universal) {
  if (!scene?.norms) return nothing;
  const { l2, linf } = scene.norms;
  return html`<dl class="figures" id="figures">
    ${fact(FACTS.linf, levels255(linf), 'linf')} ${fact(FACTS.l2, levelsText(l2), 'l2')}
    ${foolingRate(scene, universal)}
    ${scene.found ? foundFigures(scene.found, scene.smallest) : nothing}
  </dl>`;
}

/** @param {NonNullable<Scene['found']>} found @param {boolean} smallest by the longer search */
const foundFigures = (found, smallest) => [
  fact(FACTS.rho, rhoText(found.rho), 'rho'),
  smallest
    ? fact(FACTS.gradients, counted(found.gradientEvaluations), 'gradients')
    : fact(FACTS.iterations, String(found.iterations), 'iterations'),
  found.stalls ? fact(FACTS.stalls, String(found.stalls), 'stalls') : nothing,
  fact(FACTS.exact, yesNo(found.fooled), 'exact'),
  fact(FACTS.clipping, yesNo(found.survivesClipping), 'clipping'),
  fact(FACTS.rounding, yesNo(found.survivesRounding), 'rounding'),
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
    return fact(FACTS.random, ofAll(made.counts.random), 'random');
  }
  if (made) return ownCounts(made);
  const { foolingRate: exact, foolingRateSaved: saved } = universal;
  return [
    saved ? fact(FACTS.rateSaved, percent(saved.others), 'rate') : nothing,
    fact(FACTS.rateExact, percent(exact.others), saved ? 'rate-exact' : 'rate'),
  ];
}

/** @param {OwnNoise} made */
function ownCounts({ counts, uncounted, ownText, othersText, target }) {
  if (!ownText) return nothing; // It came from a file, which does not say.
  const count = (/** @type {Share | undefined} */ share) =>
    share ? ofAll(share) : uncounted ? COUNTING : NOT_COUNTED;
  const aimed = (
    /** @type {Share | undefined} */ share,
    /** @type {string} */ whose,
    /** @type {string} */ id,
  ) =>
    target && share?.became !== undefined && share.of
      ? fact(
          { name: became(target.name, whose), title: '' },
          ofAll({ ...share, fooled: share.became }),
          id,
        )
      : nothing;
  return [
    aimed(counts?.own, OWN_FACTS.whoseOwn, 'became-own'),
    aimed(counts?.others, OWN_FACTS.whoseOthers, 'became-others'),
    fact(OWN_FACTS.own(ownText), count(counts?.own), 'own'),
    othersText
      ? [
          fact(OWN_FACTS.others(othersText), count(counts?.others), 'others'),
          counts && !counts.randomOthers
            ? nothing
            : fact(FACTS.randomOthers, count(counts?.randomOthers), 'random-others'),
        ]
      : nothing,
    fact(FACTS.randomAll, count(counts?.random), 'random'),
  ];
}

/** @param {Making} making */
export function makingFigures({ order, progress, random }) {
  const { own, others, ownText, othersText, target } = order;
  const rate = progress?.otherRate;
  return html`<dl class="figures" id="figures">
    ${fact(
      MAKING_FACTS.own(own.length, ownText, target?.name),
      typeof progress?.runningRate === 'number' ? percent(progress.runningRate) : '–',
      'own',
    )}
    ${
      others.length
        ? [
            fact(
              MAKING_FACTS.others(others.length, othersText, target?.name),
              typeof rate === 'number' ? percent(rate) : '–',
              'others',
            ),
            fact(
              MAKING_FACTS.random,
              random ? percent(random.fooled / random.of) : '–',
              'random-others',
            ),
          ]
        : nothing
    }
  </dl>`;
}

/** @param {Fact} fact @param {string} value @param {string} id @returns {TemplateResult} */
const fact = ({ name, title }, value, id) =>
  html`<div title=${title || nothing}>
    <dt>${name}</dt>
    <dd data-figure=${id}>${value}</dd>
  </div>`;

/** A few of the pictures, with the label that each had and those that it has now. */
import { html, nothing } from 'lit';
import '../../parts/pixel-view.js';
import { METHOD, WORDS } from '../../words/universal.js';
import { METHODS } from './run.js';

/**
 * @import { Picture } from '../../engine/types.js'
 * @import { Method, PictureLesson, Run } from './run.js'
 */

/** Of those learnt from, and of the others. */
const EACH = 4;

/** Spread over all, so that they are of different things. @param {PictureLesson} lesson @returns {Picture[]} */
export const fewOf = ({ own, others }) => [...spread(own), ...spread(others)];

/** @param {Picture[]} pictures */
function spread(pictures) {
  const step = Math.max(1, pictures.length / EACH);
  const places = Array.from({ length: Math.min(EACH, pictures.length) }, (_, at) =>
    Math.floor(at * step),
  );
  return places.map((place) => pictures[place]);
}

/**
 * @param {(method: Method) => Run | undefined} runOf
 * @param {(label: number) => string} name
 */
export function strip(runOf, name) {
  const runs = METHODS.flatMap((method) => runOf(method) ?? []);
  const known = runs.find(({ few }) => few.length);
  if (!known) return nothing;
  const { few, lesson } = known.job;
  return html`<section class="universal-strip" aria-labelledby="strip-title">
    <h2 id="strip-title">${WORDS.strip}</h2>
    <ol>
      ${few.map(
        (picture, index) =>
          html`<li>
            <pixel-view .picture=${picture} label=${name(known.few[index][0])}></pixel-view>
            <p class="fine">${lesson.own.includes(picture) ? WORDS.learnt : WORDS.unseen}</p>
            <p><span data-tone="clean">${name(known.few[index][0])}</span></p>
            ${runs.map((run) => after(run, picture, name))}
          </li>`,
      )}
    </ol>
  </section>`;
}

/** @param {Run} run @param {Picture} picture @param {(label: number) => string} name */
function after(run, picture, name) {
  const labels = run.few[run.job.few.indexOf(picture)];
  if (!labels) return nothing;
  const [before, now] = labels;
  const fooled = before !== now;
  return html`<p data-method=${run.method} data-now=${now}>
    <span class="fine">${METHOD[run.method].title}:</span>
    <span data-tone=${fooled ? 'fooled' : 'clean'}>${fooled ? '▲ ' : ''}${name(now)}</span>
  </p>`;
}

/** What the workshop shows of the pictures that were gathered, and how more are. */
import { html, nothing } from 'lit';
import '../../parts/camera-choice.js';
import '../../parts/pixel-view.js';
import '../../parts/progress-line.js';
import { wanted } from './camera-wish.js';
import { FRAMES } from './gathering.js';
import { framesFor } from '../../pictures/lesson.js';
import * as words from '../../words/live-workshop.js';

/**
 * @import { Picture } from '../../engine/types.js'
 * @import { Gathering } from './gathering.js'
 * @import { Lesson } from '../../pictures/lesson.js'
 */

/** How far the reading and the grabbing are. @param {Gathering} gathering */
export function gatheringProgress({ grabbing, reading, preparing, frames }) {
  if (!grabbing && !reading && !preparing) return nothing;
  const all = framesFor(FRAMES);
  const text = grabbing
    ? words.grabbingText(frames.length, all)
    : reading
      ? words.readingText(reading)
      : words.READING_SAMPLES;
  return html`<progress-line
    .text=${text}
    .value=${grabbing ? frames.length : 0}
    .max=${grabbing ? all : 0}
  ></progress-line>`;
}

/** Which camera the frames are from, where there are several. @param {Gathering} gathering */
export const cameraFields = (gathering) =>
  html`<camera-choice
    .cameras=${gathering.cameras}
    .camera=${gathering.camera ?? wanted().id}
    .flips=${gathering.flips}
    @camera=${(/** @type {CustomEvent} */ event) => gathering.use(event.detail)}
    @flip=${() => gathering.flip()}
  ></camera-choice>`;

/** All pictures, those held back apart from the others. @param {Lesson<Picture>} lesson */
export function shelf({ own, others }) {
  const row = (/** @type {Picture[]} */ pictures, /** @type {string} */ name) =>
    pictures.length
      ? html`<div class="shelf" role="img" aria-label=${words.shelfLabel(pictures.length, name)}>
          <span class="fine" aria-hidden="true">${name}</span>
          <div aria-hidden="true">
            ${pictures.map((picture) => html`<pixel-view .picture=${picture}></pixel-view>`)}
          </div>
        </div>`
      : nothing;
  return html`${row(own, words.SHELVES.own)}${row(others, words.SHELVES.others)}`;
}

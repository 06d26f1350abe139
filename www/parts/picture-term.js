/** The first square of a figure: the picture at hand, and what the classifier says to it. */
import { html, nothing } from 'lit';
import './class-bars.js';
import './pixel-view.js';

/**
 * @import { Answer, Picture } from '../engine/types.js'
 * @param {object} shown
 * @param {{ title: string, pixels: Picture } | null} shown.picture
 * @param {Answer | null} shown.clean
 * @param {string} shown.title until there is a picture
 * @param {string} shown.bars what they are
 */
export const pictureTerm = ({ picture, clean, title, bars }) =>
  html`<section class="term" id="picture">
    <div class="square">
      ${
        picture
          ? html`<pixel-view .picture=${picture.pixels} .label=${picture.title}></pixel-view>`
          : nothing
      }
    </div>
    <div class="under">
      <h2 class="caption">${picture?.title ?? title}</h2>
      <class-bars .answer=${clean} .clean=${clean?.top[0].label ?? -1} .label=${bars}></class-bars>
    </div>
  </section>`;

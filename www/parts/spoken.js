/** A sentence of the page, its answers in their colour. */
import { html } from 'lit';

/** @param {import('../words/common.js').Sentence} sentence */
export const spoken = (sentence) =>
  sentence.map((part) =>
    typeof part === 'string' ? part : html`<strong data-tone=${part.tone}>${part.answer}</strong>`,
  );

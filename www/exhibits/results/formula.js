/** Formulas in plain words, as they are written by hand: `ρ_adv` has a small word below its line. */
import { html } from 'lit';

/** @param {string} text */
export const formula = (text) =>
  text.split(/_(\p{L}+)/u).map((part, at) => (at % 2 ? html`<sub>${part}</sub>` : part));

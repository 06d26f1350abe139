/** The signs between the squares of a figure. */
import { html } from 'lit';

/** @param {string} path */
const sign = (path) =>
  html`<span class="sign" aria-hidden="true"
    ><svg viewBox="0 0 24 24"><path d=${path} /></svg
  ></span>`;

export const PLUS = sign('M4 12h16M12 4v16');
export const EQUALS = sign('M4 9h16M4 15h16');

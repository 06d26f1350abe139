/**
 * What all parts of the page have in common: they render into the page itself,
 * so that one stylesheet, one tab order and one set of ids reach everything.
 */
import { LitElement } from 'lit';

export class Part extends LitElement {
  createRenderRoot() {
    return this;
  }

  /**
   * Tells the elements around it.
   * @param {string} type
   * @param {unknown} [detail]
   */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }
}

/**
 * The presenter's view: the figure fills the screen and can be read from the
 * back of a room. Where full screen is not allowed it fills the window.
 */
import { dialogInFront, onEscape } from '../escape.js';

export class Presenter {
  on = false;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
    document.addEventListener('fullscreenchange', () => {
      // The key that closes a dialog ends the full screen too, in some browsers: the view stays.
      if (!document.fullscreenElement && this.on && !dialogInFront()) this.#set(false);
    });
    onEscape(() => {
      if (!this.on) return false;
      this.leave();
      return true;
    });
  }

  async enter() {
    this.#set(true);
    try {
      await document.documentElement.requestFullscreen();
    } catch {
      // In a frame that does not allow it, the window must do.
    }
  }

  async leave() {
    this.#set(false);
    if (document.fullscreenElement) await document.exitFullscreen();
  }

  /** @param {boolean} on */
  #set(on) {
    this.on = on;
    document.documentElement.toggleAttribute('data-presenting', on);
    this.#changed();
  }
}

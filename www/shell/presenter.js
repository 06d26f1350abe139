/**
 * The presenter's view: the figure fills the screen and can be read from the
 * back of a room. Where full screen is not allowed it fills the window.
 */
export class Presenter {
  on = false;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
    document.addEventListener('fullscreenchange', () => {
      if (!document.fullscreenElement && this.on) this.#set(false);
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.on) this.leave();
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

/**
 * `<foolscope-exhibit>`: an exhibit in anybody's page.
 *
 *     <script type="module" src="https://…/exhibit.js"></script>
 *     <foolscope-exhibit exhibit="noises" network="lenet-mnist"></foolscope-exhibit>
 *
 * Attributes are the settings of a link to the page (`exhibit`, `network`, `sample`,
 * `noise`, `theme`, …; `hide` is `header,footer` unless told). Changing one opens the
 * exhibit anew. It is as wide as its place and as high as the exhibit; each time
 * that changes it fires `resize`. It loads when it comes near the window.
 *
 * Inside is a frame: the exhibit's styles and workers stay its own, and it sees
 * nothing of the page around it. This file stands alone and is used as it is.
 */

/** Where this file lies, the page lies. */
const PAGE = new URL('.', import.meta.url);

/** Attributes that mean something of their own. */
const COMMON =
  /^(id|class|style|title|lang|dir|hidden|slot|part|role|tabindex|is|inert|on.*|data-.*|aria-.*)$/;

/** Until it has said how high it is, in pixels. */
const FIRST_HEIGHT = 820;

/** Not as an element: a page around it may allow no inline styles. */
const STYLE = new CSSStyleSheet();
STYLE.replaceSync(
  ':host { display: block } :host([hidden]) { display: none } iframe { display: block; width: 100%; border: 0 }',
);

export class FoolscopeExhibit extends HTMLElement {
  #frame = document.createElement('iframe');
  #changes = new MutationObserver(() => this.#open());

  constructor() {
    super();
    this.#frame.loading = 'lazy';
    // Browsers that share nothing complain of what they do not know.
    this.#frame.allow = `camera; fullscreen; clipboard-write${'share' in navigator ? '; web-share' : ''}`;
    this.#frame.height = String(FIRST_HEIGHT);
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [STYLE];
    root.append(this.#frame);
  }

  connectedCallback() {
    addEventListener('message', this.#heard);
    this.#changes.observe(this, { attributes: true });
    this.#open();
  }

  disconnectedCallback() {
    removeEventListener('message', this.#heard);
    this.#changes.disconnect();
  }

  /** The address of what is shown. */
  get src() {
    const url = new URL(PAGE);
    if (!this.hasAttribute('hide')) url.searchParams.set('hide', 'header,footer');
    for (const { name, value } of this.attributes)
      if (!COMMON.test(name)) url.searchParams.set(name, value);
    return url.href.replaceAll('%2C', ',');
  }

  #open() {
    this.#frame.title = this.title || 'Foolscope';
    if (this.#frame.src !== this.src) this.#frame.src = this.src;
  }

  #heard = (/** @type {MessageEvent} */ { source, data }) => {
    if (source !== this.#frame.contentWindow) return;
    const height = Number(data?.foolscope?.height);
    if (!(height > 0)) return;
    this.#frame.height = String(height);
    this.dispatchEvent(new Event('resize'));
  };
}

if (!customElements.get('foolscope-exhibit'))
  customElements.define('foolscope-exhibit', FoolscopeExhibit);

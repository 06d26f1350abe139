/** Starts the page. */
import './style/tokens.css';
import './style/base.css';
import './shell/page.js';

document.body.append(document.createElement('foolscope-page'));

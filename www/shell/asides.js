/** What lies over the page when it is asked for: nobody waits for it at first. */
import './credits-dialog.js';
import './embed-dialog.js';
import './tour.js';

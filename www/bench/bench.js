/** Starts the benchmark's page. */
import '../style/tokens.css';
import '../style/base.css';
import './bench-page.js';

document.body.append(document.createElement('bench-page'));

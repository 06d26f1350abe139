/** The teachers' page: every exhibit's question, tasks and terms, to be printed. */
import { html, nothing, render } from 'lit';
import { EXHIBITS } from '../exhibits/table.js';
import { writeSettings, readSettings } from '../state.js';
import '../style/base.css';
import '../style/tokens.css';
import { LESSONS, TEACH_WORDS as WORDS } from '../words/lessons.js';
import './teach.css';

/** @param {import('../exhibits/table.js').ExhibitEntry} exhibit */
function lesson({ id, title, question }) {
  const { seen, tasks, terms } = LESSONS[id];
  const address = `./${writeSettings({ ...readSettings(''), exhibit: id })}`;
  return html`<section class="lesson">
    <h2>${title}</h2>
    <p class="asked">${question}</p>
    <p>${seen}</p>
    <p class="address">
      <a href=${address}>${WORDS.open}</a> <span>${new URL(address, document.baseURI).href}</span>
    </p>
    <h3>${WORDS.tasks}</h3>
    <ol>
      ${tasks.map((task) => html`<li>${task}</li>`)}
    </ol>
    ${
      terms.length
        ? html`<h3>${WORDS.terms}</h3>
            <dl>
              ${terms.map(
                ([term, meaning]) =>
                  html`<div>
                    <dt>${term}</dt>
                    <dd>${meaning}</dd>
                  </div>`,
              )}
            </dl>`
        : nothing
    }
  </section>`;
}

render(
  html`<header>
      <h1>${WORDS.title}</h1>
      <p>${WORDS.lead}</p>
      <p class="tools">
        <button type="button" class="primary" @click=${() => print()}>${WORDS.print}</button>
        <a href="./">${WORDS.page}</a>
      </p>
    </header>
    <main>${EXHIBITS.filter(({ id }) => LESSONS[id]).map(lesson)}</main>`,
  document.body,
);

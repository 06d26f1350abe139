import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Linter } from 'eslint';
import { noEnglish } from '../../tools/lib/no-english.mjs';

/** @param {string} code @returns {string[]} what is found in it */
function found(code) {
  const messages = new Linter().verify(code, [
    {
      plugins: { foolscope: { rules: { 'no-english': noEnglish } } },
      rules: { 'foolscope/no-english': 'error' },
    },
  ]);
  return messages.map(({ message }) => /“(.*)”/s.exec(message)?.[1] ?? message);
}

test('English in a template is found: text, what is said of it, across values', () => {
  assert.deepEqual(found('html`<p>Add a noise</p>`'), ['Add a noise']);
  assert.deepEqual(found('html`<button type="button">Close</button>`'), ['Close']);
  assert.deepEqual(found('html`<p>${n} of ${m} pictures</p>`'), ['of pictures']);
  assert.deepEqual(found('html`<ol class="bars" aria-label="The likeliest classes"></ol>`'), [
    'The likeliest classes',
  ]);
  assert.deepEqual(found('html`<p title="As in ${what}">${words.NAME}</p>`'), ['As in']);
  assert.deepEqual(found('html`<p>${on ? html`<b>still says</b>` : nothing}</p>`'), ['still says']);
});

test('so is a sentence beside the code', () => {
  assert.deepEqual(found(`tell('There is no noise.')`), ['There is no noise.']);
  assert.deepEqual(found('tell(`None of these ${all} files is one.`)'), [
    'None of these N files is one.',
  ]);
});

test('what nobody reads is not', () => {
  const code = `
    import './part.js';
    html\`<label class="check file-button" for=\${id} @click=\${() => go(1)} ?hidden=\${a > b}>
      <abbr title=\${words.XI}>ξ</abbr> &nbsp; \${words.NAME}, \${count} m
      <svg viewBox="0 0 16 16"><path d="M2 6V2h4M10 2h4v4" /></svg> Foolscope
    </label>\`;
    document.querySelector('dialog > .dialog-head h2');
    const icon = 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1M8 14v1';
  `;
  assert.deepEqual(found(code), []);
});

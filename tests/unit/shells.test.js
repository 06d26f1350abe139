import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shell } from '../../tools/lib/shells.mjs';

const words = { title: 'A & "B"', description: 'told', noScript: 'none' };
const template =
  '<html lang="{{language}}"{{ready}}><title>{{title}}</title> <!-- installable --><link /><!-- --></html>';

test('a page is made of one template and its words', () => {
  assert.equal(
    shell(template, { words, language: 'fr' }),
    '<html lang="fr"><title>A &#38; &#34;B&#34;</title></html>',
  );
  assert.match(
    shell(template, { words, language: 'en', installable: true }),
    /data-ready="no"><title>.*<link \/><\/html>/,
  );
});

test('words that nobody has are no gap in the page', () => {
  assert.throws(() => shell('{{nothing}}', { words, language: 'en' }), /“nothing”/);
});

/**
 * An ESLint rule: what a visitor reads lies in `www/words/`, to be translated, and
 * not in a template or a sentence beside the code.
 */

/** @import { Rule } from 'eslint' */

/** Markup of lit, and of its static variant. */
const TAGS = new Set(['html', 'staticHtml', 'svg']);
/** What browsers and our own elements say or show of an attribute. */
const SAID =
  /\s(aria-label|aria-valuetext|aria-description|title|alt|placeholder|label|caption|note|empty|any)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;
/** Stands where a value goes. */
const HOLE = '\u0000';
/** Two letters together: `m`, `d` and `ξ` are formulas. */
const WORD = /\p{L}{2,}/u;
/** A capital and two more words. Paths of SVG and names of classes are none. */
const SENTENCE = /^\p{Lu}[\p{L}’]*,?( [\p{L}\d’–-]+[,;:.]?){2,}/u;

/** Names: of this page, a file of it, a network. They are the same in every language. */
const NAMES = new Set(['Foolscope', 'bench.html', 'Network in Network (CIFAR-10)']);

/**
 * The words that a visitor would read, or hear, of a template.
 * @param {string} markup with holes
 * @returns {string[]}
 */
export function wordsOf(markup) {
  const attributes = [...markup.matchAll(SAID)].map(([, , ...value]) => value.join(''));
  const text = markup
    .replace(/<!--.*?-->/gs, '<>')
    // A tag may hold a hole, and that is all it may hold with a `>` inside.
    .replace(/<\/?[^<>]*>/g, '<>')
    .replace(/&\w+;/g, ' ')
    .split('<>');
  return [...text, ...attributes]
    .map((run) => run.replaceAll(HOLE, ' ').replace(/\s+/g, ' ').trim())
    .filter((run) => WORD.test(run) && !NAMES.has(run));
}

/** @param {string} text */
const isSentence = (text) => SENTENCE.test(text) && !NAMES.has(text);

/** @type {Rule.RuleModule} */
export const noEnglish = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { found: 'Move “{{ words }}” into www/words/, where it can be translated.' },
  },
  create(context) {
    /** @param {Rule.Node} node @param {string} words */
    const report = (node, words) => context.report({ node, messageId: 'found', data: { words } });
    return {
      TaggedTemplateExpression(node) {
        if (node.tag.type !== 'Identifier' || !TAGS.has(node.tag.name)) return;
        const markup = node.quasi.quasis.map(({ value }) => value.cooked ?? '').join(HOLE);
        for (const words of wordsOf(markup)) report(node, words);
      },
      Literal(node) {
        if (typeof node.value === 'string' && isSentence(node.value)) report(node, node.value);
      },
      TemplateLiteral(node) {
        const parent = node.parent;
        if (parent.type === 'TaggedTemplateExpression') return;
        const text = node.quasis.map(({ value }) => value.cooked ?? '').join('N');
        if (isSentence(text)) report(node, text);
      },
    };
  },
};

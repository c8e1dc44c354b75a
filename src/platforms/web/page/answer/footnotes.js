import { escapeHtml } from "./escape-html.js";

const mark = /^\[\^([^\]\s]{1,40})\]/u;
const note = /^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*([^\s][^\n]*)(?:\n|$)/u;
const noteStart = /^ {0,3}\[\^/mu;

/** Footnotes as Marked extensions. Otherwise a one-word footnote would be read as a link definition and disappear. */
export const footnotes = [
  {
    name: "footnote",
    level: "block",
    start: (text) => startOf(text, noteStart),
    tokenizer(text) {
      const [raw, name, words] = note.exec(text) ?? [];
      if (raw === undefined) return undefined;
      return { type: "footnote", raw, name, tokens: this.lexer.inline(words) };
    },
    renderer({ name, tokens }) {
      return `<p><sup>${escapeHtml(name)}</sup> ${this.parser.parseInline(tokens)}</p>\n`;
    },
  },
  {
    name: "footnoteMark",
    level: "inline",
    start: (text) => startOf(text, /\[\^/u),
    tokenizer(text) {
      const [raw, name] = mark.exec(text) ?? [];
      return raw === undefined ? undefined : { type: "footnoteMark", raw, name };
    },
    renderer: ({ name }) => `<sup>${escapeHtml(name)}</sup>`,
  },
];

function startOf(text, pattern) {
  const at = text.search(pattern);
  return at === -1 ? undefined : at;
}

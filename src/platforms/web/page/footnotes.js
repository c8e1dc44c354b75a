import { escaped } from "./escaped.js";

const mark = /^\[\^([^\]\s]{1,40})\]/u;
const note = /^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*([^\s][^\n]*)(?:\n|$)/u;
const noteStart = /^ {0,3}\[\^/mu;

/** Footnotes: without this, one of a single word would be taken for an address, and not be shown. */
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
      return `<p><sup>${escaped(name)}</sup> ${this.parser.parseInline(tokens)}</p>\n`;
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
    renderer: ({ name }) => `<sup>${escaped(name)}</sup>`,
  },
];

function startOf(text, pattern) {
  const at = text.search(pattern);
  return at === -1 ? undefined : at;
}

const mark = /^\[\^([^\]\s]{1,40})\]/u;
const note = /^ {0,3}(\[\^[^\]\s]{1,40}\]):[ \t]*([^\s][^\n]*)(?:\n|$)/u;

/** Footnotes as Marked extensions. Otherwise a one-word footnote would be read as a link definition and disappear. */
export const footnotes = [
  {
    name: "footnote",
    level: "block",
    start: (text) => text.search(/^ {0,3}\[\^/mu),
    tokenizer(text) {
      const [raw, itsMark, words] = note.exec(text) ?? [];
      return raw && { type: "paragraph", raw, tokens: this.lexer.inline(`${itsMark} ${words}`) };
    },
  },
  {
    name: "footnoteMark",
    level: "inline",
    start: (text) => text.search(/\[\^/u),
    tokenizer(text) {
      const [raw, name] = mark.exec(text) ?? [];
      return raw && { type: "footnoteMark", raw, tokens: [{ type: "text", raw: name, text: name }] };
    },
    renderer({ tokens }) {
      return `<sup>${this.parser.parseInline(tokens)}</sup>`;
    },
  },
];

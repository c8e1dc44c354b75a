/** Longer texts are not read as formulas: searching for their end would take too long. */
const inLine = /^(?:\\\(([^\n]{1,400}?)\\\)|\\\[([^\n]{1,400}?)\\\]|\$\$([^\n$]{1,400}?)\$\$)/u;
/** A formula between single dollars has no inner spaces, and something that no price has. */
const betweenDollars = /^\$(?=[^\s$`\n])([^$`\n]{0,200}[^\s$`\\\n])\$(?!\d)/u;
const alone = /^ {0,3}(?:\\\[([^]{1,1000}?)\\\]|\$\$([^$]{1,1000}?)\$\$)[ \t]*(?:\n|$)/u;

/** Formulas as Marked extensions, which make code of them: Markdown would drop their backslashes and stars. */
export const formulas = [
  {
    name: "formulaAlone",
    level: "block",
    start: (text) => text.search(/^ {0,3}(?:\\\[|\$\$)/mu),
    tokenizer(text) {
      const { raw, formula } = formulaIn(text, alone);
      return formula && { type: "code", raw, lang: "latex", text: formula };
    },
  },
  {
    name: "formula",
    level: "inline",
    start: (text) => text.search(/\\[([]|\$/u),
    tokenizer(text) {
      const { raw, formula } = formulaIn(text, inLine.test(text) ? inLine : betweenDollars);
      const isMeant = !/^\$[^$]/u.test(text) || /[\\^_{}=<>]|^\p{L}$/u.test(formula);
      return formula && isMeant && { type: "codespan", raw, text: formula };
    },
  },
];

function formulaIn(text, pattern) {
  const [raw, ...parts] = pattern.exec(text) ?? [];
  return { raw, formula: parts.find((each) => each !== undefined)?.trim() };
}

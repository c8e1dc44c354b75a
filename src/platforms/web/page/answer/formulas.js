import { escapeHtml } from "./escape-html.js";

/** Longer texts are not read as formulas: searching for their end would take too long. */
const inLine = /^(?:\\\(([^\n]{1,400}?)\\\)|\\\[([^\n]{1,400}?)\\\]|\$\$([^\n$]{1,400}?)\$\$)/u;
/** A formula between single dollars has no inner spaces, and something that no price has. */
const betweenDollars = /^\$(?=[^\s$`\n])([^$`\n]{0,200}[^\s$`\\\n])\$(?!\d)/u;
const alone = /^ {0,3}(?:\\\[([^]{1,1000}?)\\\]|\$\$([^$]{1,1000}?)\$\$)[ \t]*(?:\n|$)/u;

/** Formulas as Marked extensions, kept as written: Markdown would drop their backslashes, stars and underscores. */
export const formulas = [
  {
    name: "formulaAlone",
    level: "block",
    start: (text) => startOf(text, /^ {0,3}(?:\\\[|\$\$)/mu),
    tokenizer(text) {
      const found = alone.exec(text);
      const formula = (found?.[1] ?? found?.[2] ?? "").trim();
      return formula === "" ? undefined : { type: "formulaAlone", raw: found[0], formula };
    },
    renderer: ({ formula }) => `<pre><code class="language-latex">${escapeHtml(formula)}\n</code></pre>\n`,
  },
  {
    name: "formula",
    level: "inline",
    start: (text) => startOf(text, /\\[([]|\$/u),
    tokenizer(text) {
      const found = inLine.exec(text) ?? betweenDollars.exec(text);
      const formula = found?.slice(1).find((each) => each !== undefined) ?? "";
      const isMeant = formula.trim() !== "" && (!/^\$[^$]/u.test(text) || isFormula(formula));
      return isMeant ? { type: "formula", raw: found[0], formula: formula.trim() } : undefined;
    },
    renderer: ({ formula }) => `<code>${escapeHtml(formula)}</code>`,
  },
];

function isFormula(text) {
  return /[\\^_{}=<>]/u.test(text) || /^\p{L}$/u.test(text);
}

function startOf(text, mark) {
  const at = text.search(mark);
  return at === -1 ? undefined : at;
}

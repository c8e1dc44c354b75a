import { Marked } from "marked";

import { footnotes } from "./footnotes.js";
import { formulas } from "./formulas.js";

/** The HTML tags that an answer may contain. */
export const allowedTags = [
  ..."a abbr b blockquote br caption code dd del details dfn dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li mark".split(
    " ",
  ),
  ..."ol p pre q s samp small strong sub summary sup table tbody td tfoot th thead tr u ul var".split(" "),
];
/** Tags that are removed while their content stays. An image becomes a link. */
const wrappers = "article body center div font head header html img main nav picture section span".split(" ");
const known = new Set([...allowedTags, ...wrappers]);
/** Tags that may stay open across blocks. */
const blocks = new Set("blockquote details dl ol pre table ul".split(" "));
const tag = /<(\/?)([a-z][\w-]*)/giu;

const parser = new Marked({
  gfm: true,
  breaks: true,
  extensions: [...formulas, ...footnotes],
  renderer: {
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    // Unknown or forbidden tags, such as List<String>, are shown as text.
    html: ({ text }) =>
      text.replace(tag, (whole, end, name) => (known.has(name.toLowerCase()) ? whole : `&lt;${end}${name}`)),
  },
});

/** Splits Markdown into blocks: `key` tells the content, `html()` renders it. HTML that stays open joins its blocks. */
export function blocksIn(markdown) {
  const groups = [];
  let open = 0;
  const found = parser.lexer(markdown);
  // A later link definition changes earlier blocks.
  const definitions = JSON.stringify(found.links);
  for (const token of found) {
    const last = groups.at(-1);
    if (last !== undefined && (open > 0 || token.type === "space" || token.type === "def")) last.push(token);
    else groups.push([token]);
    if (token.type === "html") open = Math.max(0, open + opened(token.raw));
  }
  return groups.map((tokens) => {
    const raw = tokens.map((each) => each.raw).join("");
    return { raw, key: raw.includes("[") ? raw + definitions : raw, html: () => parser.parser(tokens) };
  });
}

/** Opened minus closed tags. */
function opened(html) {
  return [...html.matchAll(tag)]
    .filter(([, , name]) => blocks.has(name.toLowerCase()))
    .reduce((count, [, end]) => count + (end === "" ? 1 : -1), 0);
}

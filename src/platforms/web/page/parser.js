import { escaped } from "./escaped.js";
import { footnotes } from "./footnotes.js";
import { formulas } from "./formulas.js";
import { Marked } from "./marked.js";

/** What an answer may hold as HTML. */
export const allowedTags = [
  ..."a abbr b blockquote br caption code dd del details dfn dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li mark".split(
    " ",
  ),
  ..."ol p pre q s samp small strong sub summary sup table tbody td tfoot th thead tr u ul var".split(" "),
];
/** Their names go, and what is in them stays. An image becomes a link. */
const wrappers = "article body center div font head header html img main nav picture section span".split(" ");
const known = new Set([...allowedTags, ...wrappers]);
/** What may stand open over several blocks. */
const blocks = new Set("blockquote details dl ol pre table ul".split(" "));
const tag = /<(\/?)([a-z][\w-]*)/giu;

const parser = new Marked({
  gfm: true,
  breaks: true,
  extensions: [...formulas, ...footnotes],
  renderer: {
    // Nothing is loaded from elsewhere.
    image: ({ href, text, inLink }) =>
      inLink === true ? nameOf(text) : `<a href="${escaped(href)}">${nameOf(text)}</a>`,
    // A link in a link is none: an image in one leads where the link does.
    link({ href, title, tokens }) {
      const name = typeof title === "string" ? ` title="${escaped(title)}"` : "";
      return `<a href="${escaped(href)}"${name}>${this.parser.parseInline(tokens.map(asInLink))}</a>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    // A tag that is none, as in List<String>, and one that is not allowed, are there to be read.
    html: ({ text }) =>
      text.replace(tag, (whole, end, name) => (known.has(name.toLowerCase()) ? whole : `&lt;${end}${name}`)),
  },
});

/**
 * The blocks of a text, in order: `key` is their Markdown, with what it refers to; `html()` what they make. What HTML opens
 * in one and closes in another is one block.
 */
export function blocksIn(markdown) {
  const groups = [];
  let open = 0;
  const found = parser.lexer(markdown);
  // A definition that comes later changes what refers to it.
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

/** How many blocks more are opened than closed. */
function opened(html) {
  return [...html.matchAll(tag)]
    .filter(([, , name]) => blocks.has(name.toLowerCase()))
    .reduce((count, [, end]) => count + (end === "" ? 1 : -1), 0);
}

function asInLink(token) {
  return token.type === "image" ? { ...token, inLink: true } : token;
}

function nameOf(text) {
  return `Image: ${escaped(text.trim() || "untitled")}`;
}

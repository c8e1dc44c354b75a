import { Marked } from "./marked.js";
import DOMPurify from "./purify.js";
import { safeParts } from "./safe-parts.js";

const marked = new Marked({ gfm: true, breaks: true });

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") return;
  const href = node.getAttribute("href") ?? "";
  // A message of ours opens in place, also where the page is not served at the root.
  if (href.startsWith("/#c/")) {
    node.setAttribute("href", href.slice(1));
    return;
  }
  // Any other link opens elsewhere and tells nothing about this page.
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/**
 * Markdown as safe nodes: no scripts, no styles, and nothing that would load by itself. Any text is shown: what can't be
 * rendered stands there as it is.
 */
export function render(markdown) {
  const fragment = document.createDocumentFragment();
  for (const part of safeParts(markdown, (piece) => marked.parse(piece))) fragment.append(nodesOf(part));
  // A comment, a tag or a definition alone would leave nothing to see.
  const isEmpty = fragment.textContent.trim() === "" && fragment.querySelector("hr") === null;
  if (isEmpty && markdown.trim() !== "") fragment.replaceChildren(preformatted("span", markdown));
  return fragment;
}

function nodesOf({ html, code, text }) {
  if (code !== undefined) return preformatted("code", code);
  if (text !== undefined) return preformatted("span", text);
  try {
    return sanitized(html);
  } catch {
    return preformatted("span", html);
  }
}

function preformatted(name, text) {
  const node = document.createElement("pre");
  node.classList.toggle("as-it-is", name === "span");
  const inner = document.createElement(name);
  inner.textContent = text;
  node.append(inner);
  return node;
}

function sanitized(html) {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: [
      ..."a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong sub sup".split(" "),
      ..."table tbody td th thead tr ul".split(" "),
    ],
    ALLOWED_ATTR: ["href", "title", "start", "align"],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/#c\/)/iu,
    RETURN_DOM_FRAGMENT: true,
  });
}

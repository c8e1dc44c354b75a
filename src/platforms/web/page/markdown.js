import { Marked } from "./marked.js";
import DOMPurify from "./purify.js";

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

/** Markdown as safe nodes: no scripts, no styles, and nothing that would load by itself. */
export function render(markdown) {
  return DOMPurify.sanitize(marked.parse(markdown), {
    ALLOWED_TAGS: [
      ..."a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong sub sup".split(" "),
      ..."table tbody td th thead tr ul".split(" "),
    ],
    ALLOWED_ATTR: ["href", "title", "start", "align"],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/#c\/)/iu,
    RETURN_DOM_FRAGMENT: true,
  });
}

import { allowedTags } from "./parser.js";
import DOMPurify from "./purify.js";

const attributes = "align class colspan dir href open reversed rowspan start title value".split(" ");

DOMPurify.addHook("uponSanitizeAttribute", (node, data) => {
  // The language of a code block is all that a class may tell.
  if (data.attrName !== "class") return;
  data.keepAttr = node.nodeName === "CODE" && /^language-[\w+#.-]{1,30}$/u.test(data.attrValue);
});

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

/** HTML as nodes without scripts and styles, and without anything that would load by itself. @throws what can't be read */
export function sanitized(html) {
  return DOMPurify.sanitize(/<img/iu.test(html) ? withoutImages(html) : html, {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: attributes,
    // These hold no addresses, and are not read as such.
    ADD_URI_SAFE_ATTR: attributes.filter((name) => name !== "href"),
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/#c\/)/iu,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}

/** In a document that loads nothing. */
function withoutImages(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const image of page.querySelectorAll("img")) {
    // An image in a link leads where the link does.
    const link = page.createElement(image.closest("a[href]") === null ? "a" : "span");
    if (link.nodeName === "A") link.setAttribute("href", image.getAttribute("src") ?? "");
    link.textContent = `Image: ${image.getAttribute("alt")?.trim() || "untitled"}`;
    image.replaceWith(link);
  }
  return page.body.innerHTML;
}

import { allowedTags } from "./parser.js";
import DOMPurify from "dompurify";

const attributes = "align class colspan dir href open reversed rowspan start title value".split(" ");

DOMPurify.addHook("uponSanitizeAttribute", (node, data) => {
  // A class may only name a code block's language.
  if (data.attrName !== "class") return;
  data.keepAttr = node.nodeName === "CODE" && /^language-[\w+#.-]{1,30}$/u.test(data.attrValue);
});

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") return;
  const href = node.getAttribute("href") ?? "";
  // Links to messages open in place, also below a path.
  if (href.startsWith("/#c/")) {
    node.setAttribute("href", href.slice(1));
    return;
  }
  // Other links open in a new tab without a referrer.
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/**
 * Converts HTML to nodes without scripts, styles, or anything that loads by itself. @throws on HTML that can't be
 * parsed.
 */
export function sanitizeHtml(html) {
  return DOMPurify.sanitize(/<img/iu.test(html) ? replaceImages(html) : html, {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: attributes,
    // These attributes hold no URLs.
    ADD_URI_SAFE_ATTR: attributes.filter((name) => name !== "href"),
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/#c\/)/iu,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}

/** Replaces images by links, in a document that loads nothing. */
function replaceImages(html) {
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

import DOMPurify from "dompurify";

import { allowedTags } from "./parser.js";

const attributes = "align class colspan dir href open reversed rowspan start title value".split(" ");

DOMPurify.addHook("beforeSanitizeElements", (node) => {
  // Images are shown as links: nothing loads from other hosts.
  if (node.nodeName === "IMG") node.replaceWith(linkTo(node));
});

DOMPurify.addHook("uponSanitizeAttribute", (node, data) => {
  // A class may only name a code block's language.
  if (data.attrName !== "class") return;
  data.keepAttr = node.nodeName === "CODE" && /^language-[\w+#.-]{1,30}$/u.test(data.attrValue);
});

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A") return;
  const href = node.getAttribute("href") ?? "";
  if (href.startsWith("/#c/")) {
    // Links to messages open in place, also below a path.
    node.setAttribute("href", href.slice(1));
  } else {
    // Other links open in a new tab without a referrer.
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
});

/** HTML as nodes without scripts, styles, or anything that loads. @throws if it can't be parsed. */
export function sanitizeHtml(html) {
  return DOMPurify.sanitize(html, {
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

function linkTo(image) {
  // An image in a link leads where the link does.
  const link = image.ownerDocument.createElement(image.closest("a[href]") === null ? "a" : "span");
  if (link.nodeName === "A") link.setAttribute("href", image.getAttribute("src") ?? "");
  link.textContent = `Image: ${image.getAttribute("alt")?.trim() || "untitled"}`;
  return link;
}

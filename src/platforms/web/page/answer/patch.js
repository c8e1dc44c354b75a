/** Attributes that the page or the reader set. */
const own = new Set(["open", "tabindex"]);

/**
 * Makes the children of `node` equal to those of `fresh`, and touches only what differs, so that selection, focus and
 * scroll positions stay. Moves nodes out of `fresh`.
 */
export function patch(node, fresh) {
  let at = node.firstChild;
  for (const wanted of Array.from(fresh.childNodes)) {
    if (at === null) {
      node.append(wanted);
      continue;
    }
    const next = at.nextSibling;
    if (at.nodeType === wanted.nodeType && at.nodeName === wanted.nodeName) adapt(at, wanted);
    else at.replaceWith(wanted);
    at = next;
  }
  while (at !== null) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function adapt(node, wanted) {
  if (node.nodeType === Node.TEXT_NODE) {
    // Appending keeps the selection.
    if (wanted.data.startsWith(node.data)) node.appendData(wanted.data.slice(node.data.length));
    else node.data = wanted.data;
    return;
  }
  for (const { name, value } of wanted.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  for (const { name } of Array.from(node.attributes)) {
    if (!wanted.hasAttribute(name) && !own.has(name)) node.removeAttribute(name);
  }
  patch(node, wanted);
}

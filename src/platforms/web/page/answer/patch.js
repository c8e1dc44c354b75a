/** Attributes that the page or the reader set. */
const own = new Set(["open", "tabindex"]);

/**
 * Makes the children of `node` equal to those of `fresh`, and touches only what differs, so that selection, focus and
 * scroll positions stay. Moves nodes out of `fresh`.
 */
export function patch(node, fresh) {
  const [present, wanted] = [[...node.childNodes], [...fresh.childNodes]];
  for (const [index, each] of wanted.entries()) {
    const at = present[index];
    if (at === undefined) node.append(each);
    else if (at.nodeName === each.nodeName) adapt(at, each);
    else at.replaceWith(each);
  }
  for (const each of present.slice(wanted.length)) each.remove();
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

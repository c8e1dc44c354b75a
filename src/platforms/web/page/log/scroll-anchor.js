import { remember } from "./follow-end.js";

const log = document.querySelector("#log");

/** The node of a message. */
export function find(id) {
  return [...log.children].find((each) => each.dataset.id === id);
}

/** The first visible message: { id, top }. Undefined: none is visible. */
export function readAnchor() {
  const node = [...log.children].find(
    (each) => each.dataset.id && each.offsetTop + each.offsetHeight > log.offsetTop + log.scrollTop,
  );
  return node && { id: node.dataset.id, top: node.offsetTop - log.scrollTop };
}

/** Scrolls the message back to where it was. */
export function restoreAnchor({ id, top }) {
  const node = find(id);
  if (node !== undefined) log.scrollTop = node.offsetTop - top;
  remember();
}

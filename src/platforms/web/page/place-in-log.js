import { remember } from "./follow.js";

const log = document.querySelector("#log");

/** The node of a message. */
export function find(id) {
  return [...log.children].find((each) => each.dataset.id === id);
}

/** What the reader reads: { id, top }; undefined where that is no message. */
export function firstInSight() {
  const node = [...log.children].find(
    (each) => each.dataset.id && each.offsetTop + each.offsetHeight > log.offsetTop + log.scrollTop,
  );
  return node && { id: node.dataset.id, top: node.offsetTop - log.scrollTop };
}

/** Brings it back to where it was. */
export function holdTo({ id, top }) {
  const node = find(id);
  if (node !== undefined) log.scrollTop = node.offsetTop - top;
  remember();
}

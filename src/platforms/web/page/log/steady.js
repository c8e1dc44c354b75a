import { follows, log, remember, scrollToEnd, stopFollowing } from "./follow-end.js";

const markedMs = 2_500;

/**
 * Call before a change of the log, and the returned function after it: the end stays in view, or what is being read stays
 * where it is, and the focus stays in its message.
 */
export function holdSteady() {
  if (log === undefined) return () => undefined;
  const isFollowing = follows();
  const anchor = isFollowing ? undefined : readAnchor();
  const focused = document.activeElement;
  const id = focused.closest("#log [data-id]")?.dataset.id;
  return () => {
    if (isFollowing) scrollToEnd();
    else if (anchor !== undefined) restoreAnchor(anchor);
    // Keyboards go on at the message, not at the top of the page.
    if (id !== undefined && !focused.isConnected) focusMessage(find(id));
  };
}

/** Scrolls to a message and marks it for a moment. */
export function markMessage(id) {
  const node = find(id);
  if (node === undefined) return;
  node.scrollIntoView({ block: "center" });
  stopFollowing();
  focusMessage(node);
  node.classList.add("marked");
  setTimeout(() => node.classList.remove("marked"), markedMs);
}

function find(id) {
  return [...log.children].find((each) => each.dataset.id === id);
}

/** The first visible message: { id, top }. Undefined: none is visible. */
function readAnchor() {
  const node = [...log.children].find(
    (each) => each.dataset.id && each.offsetTop + each.offsetHeight > log.offsetTop + log.scrollTop,
  );
  return node && { id: node.dataset.id, top: node.offsetTop - log.scrollTop };
}

function restoreAnchor({ id, top }) {
  const node = find(id);
  if (node !== undefined) log.scrollTop = node.offsetTop - top;
  remember();
}

function focusMessage(node) {
  if (node === undefined) return;
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

import { signal } from "@preact/signals";

/** Browsers round positions; this close counts as the end. */
const endPx = 1;
/** After a wheel, a key or a finger has scrolled up, the log may move for this long. */
const upwardMs = 400;

/** True while the end of the log is kept in view. Ends when the reader scrolls up. */
export const isFollowing = signal(true);
/** Something new is below the visible part. */
export const hasNews = signal(false);
/** The log, once it is drawn. */
export let log;
/** The log's scroll position and height after our last change. */
let lastTop = 0;
let lastHeight = 0;
/** The reader is scrolling up until then. */
let upwardUntilMs = 0;
/** The finger's last position. */
let fingerY = 0;

/** True if the end should stay in view. Call before changing the log. */
export function follows() {
  look();
  return isFollowing.peek();
}

export function scrollToEnd() {
  isFollowing.value = true;
  upwardUntilMs = 0;
  hasNews.value = false;
  log.scrollTop = log.scrollHeight;
  remember();
}

/** Shows the end, and gives the log the focus. */
export function goToEnd() {
  scrollToEnd();
  log.focus({ preventScroll: true });
}

/** Stops following, because the page scrolled the reader somewhere else. */
export function stopFollowing() {
  isFollowing.value = false;
  remember();
}

/** Call after the page itself has scrolled or changed the log. */
export function remember() {
  lastTop = log.scrollTop;
  lastHeight = log.scrollHeight;
}

/** The wheel scrolls before its event arrives, so the current position decides. */
function look() {
  const { scrollTop, scrollHeight } = log;
  const isAtEnd = scrollHeight - scrollTop - log.clientHeight <= endPx;
  // A shorter log moves up by itself.
  if (isAtEnd && performance.now() > upwardUntilMs) isFollowing.value = true;
  else if (scrollTop < lastTop - 1 && scrollHeight >= lastHeight) isFollowing.value = false;
  if (isAtEnd) hasNews.value = false;
  remember();
}

/** Called before the scroll takes effect, which a growing answer would undo. */
function scrollUp() {
  if (log.scrollTop <= 0) return;
  upwardUntilMs = performance.now() + upwardMs;
  isFollowing.value = false;
}

function followFinger({ touches: [{ clientY }] }) {
  if (clientY > fingerY) scrollUp();
  fingerY = clientY;
}

function isUpwardKey({ key, shiftKey }) {
  return ["ArrowUp", "PageUp", "Home"].includes(key) || (key === " " && shiftKey);
}

/** Keeps the end of this log in view from now on. */
export function followEnd(node) {
  log = node;
  const passive = { passive: true };
  log.addEventListener("scroll", look, passive);
  log.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && scrollUp(), passive);
  log.addEventListener("keydown", (event) => isUpwardKey(event) && scrollUp());
  log.addEventListener("touchstart", ({ touches }) => (fingerY = touches[0].clientY), passive);
  log.addEventListener("touchmove", followFinger, passive);
  // A smaller window or a touch keyboard hides the end.
  new ResizeObserver(() => {
    if (isFollowing.peek()) scrollToEnd();
  }).observe(log);
}

const log = document.querySelector("#log");
const newest = document.querySelector("#newest");
/** Browsers round positions; this close counts as the end. */
const endPx = 1;
/** After a wheel, a key or a finger has scrolled up, the log may move for this long. */
const upwardMs = 400;

/** True while the end of the log is kept in view. Ends when the reader scrolls up. */
let isFollowing = true;
/** The log's scroll position and height after our last change. */
let lastTop = 0;
let lastHeight = 0;
/** Something new is below the visible part. */
let hasNews = false;
/** The reader is scrolling up until then. */
let upwardUntilMs = 0;
/** The finger's last position. */
let fingerY = 0;

/** True if the end should stay in view. Call before changing the log. */
export function follows() {
  look();
  return isFollowing;
}

export function scrollToEnd() {
  isFollowing = true;
  upwardUntilMs = 0;
  hasNews = false;
  log.scrollTop = log.scrollHeight;
  remember();
  showButton();
}

/** Marks new content below a reader who has scrolled up. */
export function markNews() {
  hasNews = true;
  showButton();
}

/** Stops following, because the page scrolled the reader somewhere else. */
export function stopFollowing() {
  isFollowing = false;
  remember();
  showButton();
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
  if (isAtEnd && performance.now() > upwardUntilMs) isFollowing = true;
  else if (scrollTop < lastTop - 1 && scrollHeight >= lastHeight) isFollowing = false;
  if (isAtEnd) hasNews = false;
  remember();
  showButton();
}

/** Called before the scroll takes effect, which a growing answer would undo. */
function scrollUp() {
  if (log.scrollTop <= 0) return;
  upwardUntilMs = performance.now() + upwardMs;
  isFollowing = false;
  showButton();
}

function isUpwardKey({ key, shiftKey }) {
  return ["ArrowUp", "PageUp", "Home"].includes(key) || (key === " " && shiftKey);
}

function showButton() {
  newest.hidden = isFollowing;
  newest.classList.toggle("has-news", hasNews);
}

log.addEventListener("scroll", look, { passive: true });
log.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && scrollUp(), { passive: true });
log.addEventListener("keydown", (event) => isUpwardKey(event) && scrollUp());
log.addEventListener("touchstart", ({ touches }) => (fingerY = touches[0].clientY), { passive: true });
log.addEventListener(
  "touchmove",
  ({ touches: [{ clientY }] }) => {
    if (clientY > fingerY) scrollUp();
    fingerY = clientY;
  },
  { passive: true },
);
newest.addEventListener("click", () => {
  scrollToEnd();
  // The button disappears and had the focus.
  log.focus({ preventScroll: true });
});
// A smaller window or a touch keyboard hides the end.
new ResizeObserver(() => {
  if (isFollowing) scrollToEnd();
}).observe(log);

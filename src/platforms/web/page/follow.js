const log = document.querySelector("#log");
const newest = document.querySelector("#newest");
/** So near counts as at the end: browsers round. */
const endPx = 1;
/** So long after a wheel, a key or a finger has gone up, the log may still have to move. */
const upwardMs = 400;

/** Whether the end of the log is kept in sight. Ends when the reader goes up, however little. */
let isFollowing = true;
/** Where we left the log. */
let lastTop = 0;
let lastHeight = 0;
/** Something new stands below what is in sight. */
let hasNews = false;
/** The reader goes up until then, wherever the log stands. */
let upwardUntilMs = 0;
/** Where the finger was last. */
let fingerY = 0;

/** Gives whether the end is to stay in sight. Ask before the log changes. */
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

/** After the log has changed under a reader who has gone up. */
export function tellNews() {
  hasNews = true;
  showButton();
}

/** The reader is brought somewhere else. */
export function stopFollowing() {
  isFollowing = false;
  remember();
  showButton();
}

/** Something other than the reader has moved the log. */
export function remember() {
  lastTop = log.scrollTop;
  lastHeight = log.scrollHeight;
}

/** The wheel moves the log before its event comes: where it stands now counts. */
function look() {
  const { scrollTop, scrollHeight } = log;
  const isAtEnd = scrollHeight - scrollTop - log.clientHeight <= endPx;
  // What has become shorter moves the log up by itself.
  if (isAtEnd && performance.now() > upwardUntilMs) isFollowing = true;
  else if (scrollTop < lastTop - 1 && scrollHeight >= lastHeight) isFollowing = false;
  if (isAtEnd) hasNews = false;
  remember();
  showButton();
}

/** The reader's own move comes before what it does to the log, which an answer would undo first. */
function goUp() {
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
log.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && goUp(), { passive: true });
log.addEventListener("keydown", (event) => isUpwardKey(event) && goUp());
log.addEventListener("touchstart", ({ touches }) => (fingerY = touches[0].clientY), { passive: true });
log.addEventListener(
  "touchmove",
  ({ touches: [{ clientY }] }) => {
    if (clientY > fingerY) goUp();
    fingerY = clientY;
  },
  { passive: true },
);
newest.addEventListener("click", () => {
  scrollToEnd();
  // The button goes, and with it what had the focus.
  log.focus({ preventScroll: true });
});
// A narrower window, or a keyboard on the screen, takes room at the end.
new ResizeObserver(() => {
  if (isFollowing) scrollToEnd();
}).observe(log);

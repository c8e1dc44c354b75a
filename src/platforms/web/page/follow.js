const log = document.querySelector("#log");
const newest = document.querySelector("#newest");
/** So near counts as at the end. */
const endPx = 4;

/** Whether the end of the log is kept in sight. Ends when the reader goes up, however little. */
let isFollowing = true;
/** Where we left the log. */
let lastTop = 0;
let lastHeight = 0;
/** Something new stands below what is in sight. */
let hasNews = false;

/** Gives whether the end is to stay in sight. Ask before the log changes. */
export function follows() {
  look();
  return isFollowing;
}

export function scrollToEnd() {
  isFollowing = true;
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
  if (isAtEnd) isFollowing = true;
  else if (scrollTop < lastTop - 1 && scrollHeight >= lastHeight) isFollowing = false;
  if (isAtEnd) hasNews = false;
  remember();
  showButton();
}

function showButton() {
  newest.hidden = isFollowing;
  newest.classList.toggle("has-news", hasNews);
}

log.addEventListener("scroll", look, { passive: true });
newest.addEventListener("click", scrollToEnd);
// A narrower window, or a keyboard on the screen, takes room at the end.
new ResizeObserver(() => {
  if (isFollowing) scrollToEnd();
}).observe(log);

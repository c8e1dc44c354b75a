import { follows, hasNews } from "./follow-end.js";
import { holdSteady } from "./steady.js";

/** Drawing time per animation frame; the rest of a long answer follows in the next. */
const drawMs = 8;
/** After a draw of n ms, 4 n ms stay free. */
const shareFree = 4;
/** The characters drawn at once when a conversation opens, from its end. */
const atOnceChars = 40_000;
/** Answers that are not fully drawn: { markdown, text, isWhole, isUndrawn }. `isUndrawn`: a signal. */
const undrawn = new Set();
/** Answers new in the log, oldest first. */
let fresh = [];
let isDue = false;
let freeAtMs = 0;

/** Draws an answer that is new in the log at the next `drawFresh()`. */
export function addFresh(answer) {
  fresh.push(answer);
}

/** Draws new answers, newest first: those are visible. */
export function drawFresh() {
  let chars = 0;
  for (const answer of fresh.toReversed()) {
    chars += answer.text.length;
    answer.isUndrawn.value = chars > atOnceChars;
    if (chars > atOnceChars) drawLater(answer);
    else draw(answer, Infinity);
  }
  fresh = [];
}

/** Draws an answer for as long as there is time, and the rest later. */
export function drawSome(answer) {
  draw(answer, drawMs);
}

/** Draws a grown answer before the next frame, with others that wait. */
export function drawLater(answer) {
  undrawn.add(answer);
  if (isDue) return;
  isDue = true;
  const waitMs = freeAtMs - performance.now();
  if (waitMs > 16) setTimeout(drawUndrawn, waitMs);
  else if (document.hidden) setTimeout(drawUndrawn, 0);
  else requestAnimationFrame(drawUndrawn);
}

/** The answer is no longer in the log. */
export function forget(answer) {
  undrawn.delete(answer);
}

function drawUndrawn() {
  const startMs = performance.now();
  const [isFollowing, restore] = [follows(), holdSteady()];
  const endMs = performance.now() + drawMs;
  isDue = false;
  for (const answer of undrawn) {
    if (!answer.isWhole && !isFollowing) hasNews.value = true;
    draw(answer, endMs - performance.now());
    if (performance.now() > endMs) break;
  }
  restore();
  const [next] = undrawn;
  if (next !== undefined) drawLater(next);
  freeAtMs = performance.now() + (performance.now() - startMs) * shareFree;
}

function draw(answer, forMs) {
  const { markdown, text, isWhole } = answer;
  const isDrawn = markdown.show(text, { isWhole, forMs });
  answer.isUndrawn.value = !isDrawn;
  if (isDrawn) undrawn.delete(answer);
  else drawLater(answer);
}

import { follows, hasNews } from "./follow-end.js";
import { holdSteady } from "./steady.js";
import { throttleDrawing } from "./throttle-drawing.js";

/** Drawing time per animation frame; the rest of a long answer follows in the next. */
const drawMs = 8;
/** The characters drawn at once when a conversation opens, from its end. */
const atOnceChars = 40_000;
/** Answers that are not fully drawn: { markdown, text, isWhole, isUndrawn }. `isUndrawn`: a signal. */
const undrawn = new Set();
/** Answers new in the log, oldest first. */
let fresh = [];

const drawRest = throttleDrawing(() => {
  const isFollowing = follows();
  const restore = holdSteady();
  const endMs = performance.now() + drawMs;
  let hasGrown = false;
  for (const answer of undrawn) {
    hasGrown ||= !answer.isWhole;
    draw(answer, endMs - performance.now());
    if (performance.now() > endMs) break;
  }
  restore();
  if (hasGrown && !isFollowing) hasNews.value = true;
  if (undrawn.size > 0) drawRest();
});

/** Draws an answer that is new in the log at the next `drawFresh()`. */
export function addFresh(answer) {
  fresh.push(answer);
}

/** Draws new answers, newest first: those are visible. */
export function drawFresh() {
  let chars = 0;
  for (const answer of fresh.toReversed()) {
    chars += answer.text.length;
    draw(answer, chars > atOnceChars ? undefined : Infinity);
  }
  fresh = [];
  if (undrawn.size > 0) drawRest();
}

/** Schedules the drawing of a grown answer. */
export function drawLater(answer) {
  undrawn.add(answer);
  drawRest();
}

/** Draws an answer for as long as there is time, and the rest later. */
export function drawSome(answer) {
  draw(answer, drawMs);
  if (undrawn.size > 0) drawRest();
}

/** The answer is no longer in the log. */
export function forget(answer) {
  undrawn.delete(answer);
}

/** `forMs` undefined: later. */
function draw(answer, forMs) {
  const { markdown, text, isWhole } = answer;
  const isDrawn = forMs !== undefined && markdown.show(text, { isWhole, forMs });
  answer.isUndrawn.value = !isDrawn;
  if (isDrawn) undrawn.delete(answer);
  else undrawn.add(answer);
}

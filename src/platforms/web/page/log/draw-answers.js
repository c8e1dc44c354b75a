import { follows, scrollToEnd, markNews } from "./follow-end.js";
import { messageNode, showAnswer } from "./message-view.js";
import { throttleDrawing } from "./throttle-drawing.js";
import { readAnchor, restoreAnchor } from "./scroll-anchor.js";

/** Drawing time per animation frame; the rest of a long answer follows in the next. */
const drawMs = 8;
/** The characters drawn at once when a conversation opens, from its end. */
const atOnceChars = 40_000;
/** Answers that are not fully drawn: node → message. */
const undrawn = new Map();
/** Answers new in the log: [node, message], oldest first. */
let fresh = [];

const drawRest = throttleDrawing(() => {
  const isFollowing = follows();
  const anchor = isFollowing ? undefined : readAnchor();
  const endMs = performance.now() + drawMs;
  let hasGrown = false;
  for (const [node, message] of undrawn) {
    hasGrown ||= message.isRunning === true;
    if (showAnswer(node, message, endMs - performance.now())) undrawn.delete(node);
    if (performance.now() > endMs) break;
  }
  if (isFollowing) scrollToEnd();
  else {
    if (anchor !== undefined) restoreAnchor(anchor);
    if (hasGrown) markNews();
  }
  if (undrawn.size > 0) drawRest();
});

/** The node of a new message; `drawFresh` draws its text if it is an answer. */
export function freshNode(message, handlers) {
  const node = messageNode(message, handlers);
  if (message.role === "assistant") fresh.push([node, message]);
  return node;
}

/** Draws new answers, newest first: those are visible. */
export function drawFresh() {
  let chars = 0;
  for (const [node, message] of fresh.toReversed()) {
    chars += message.text.length;
    if (chars > atOnceChars) undrawn.set(node, message);
    else showAnswer(node, message);
  }
  fresh = [];
  if (undrawn.size > 0) drawRest();
}

/** Schedules the drawing of a grown answer. */
export function drawLater(node, message) {
  undrawn.set(node, message);
  drawRest();
}

/** Draws an answer for as long as there is time, and the rest later. */
export function drawSome(node, message) {
  undrawn.delete(node);
  if (showAnswer(node, message, drawMs)) return;
  undrawn.set(node, message);
  drawRest();
}

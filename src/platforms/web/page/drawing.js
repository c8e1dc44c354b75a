import { follows, scrollToEnd, tellNews } from "./follow.js";
import { messageNode, showAnswer } from "./message-view.js";
import { paced } from "./paced.js";
import { firstInSight, holdTo } from "./place-in-log.js";

/** Of one frame: what is left of a long answer is drawn in the next ones. */
const drawMs = 8;
/** So much is drawn at once of what a conversation holds, from its end. */
const atOnceChars = 40_000;
/** Answers that are not drawn to their end: node → message. */
const undrawn = new Map();
/** Answers that are new in the log: [node, message], oldest first. */
let fresh = [];

const drawRest = paced(() => {
  const isFollowing = follows();
  const anchor = isFollowing ? undefined : firstInSight();
  const endMs = performance.now() + drawMs;
  let hasGrown = false;
  for (const [node, message] of undrawn) {
    hasGrown ||= message.isRunning === true;
    if (showAnswer(node, message, endMs - performance.now())) undrawn.delete(node);
    if (performance.now() > endMs) break;
  }
  if (isFollowing) scrollToEnd();
  else {
    if (anchor !== undefined) holdTo(anchor);
    if (hasGrown) tellNews();
  }
  if (undrawn.size > 0) drawRest();
});

/** A message that was not shown before; an answer is drawn by `drawFresh`. */
export function freshNode(message, ears) {
  const node = messageNode(message, ears);
  if (message.role === "assistant") fresh.push([node, message]);
  return node;
}

/** What is newest comes first: it is in sight. */
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

/** An answer has grown. */
export function drawLater(node, message) {
  undrawn.set(node, message);
  drawRest();
}

/** Draws what there is time for now. */
export function drawSome(node, message) {
  undrawn.delete(node);
  if (showAnswer(node, message, drawMs)) return;
  undrawn.set(node, message);
  drawRest();
}

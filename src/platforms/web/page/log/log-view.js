import { copyText } from "../common/copy-text.js";
import { drawFresh, drawLater, drawSome, freshNode } from "./draw-answers.js";
import { follows, scrollToEnd, stopFollowing } from "./follow-end.js";
import { chapterNode, dayNode, lineNode, messageNode, moreNode, welcomeNode } from "./message-view.js";
import { find, readAnchor, restoreAnchor } from "./scroll-anchor.js";
import { screenReaderText } from "./screen-reader-text.js";
import { showWork, workingNode } from "./working-view.js";

const log = document.querySelector("#log");
const announcer = document.querySelector("#announcer");
const nearPx = 80;
const markedMs = 2_500;
const workEveryMs = 1_000;
/** Message, line or waiting frame → its node; unchanged ones are not drawn again. */
const drawn = new WeakMap();
const [olderKey, cutOffKey] = [{}, {}];
/** Day → its node, chapter → its node. */
const [days, chapters] = [new Map(), new Map()];
/** The announced text, as Markdown. */
let announced = "";
/** The node of the current draft: { turn, node }. */
let growing;
const working = workingNode();
/** The shown conversation. */
let shown;

/**
 * Shows a conversation. Stays at the end if the reader is there, else at what is being read. `handlers`:
 * actions(message), onMore(), onCommand(command), isHidden(message).
 */
export function showLog(conversation, waiting, handlers) {
  const isFollowing = follows();
  const anchor = isFollowing ? undefined : readAnchor();
  shown = conversation;
  fill(nodesOf(conversation, waiting, handlers));
  drawFresh();
  if (isFollowing) scrollToEnd();
  else if (anchor !== undefined) restoreAnchor(anchor);
}

function nodesOf(conversation, waiting, { actions, onMore, onCommand, isHidden }) {
  const { messages, running } = conversation;
  const nodes = [];
  if (conversation.more !== undefined) {
    nodes.push(nodeOf(conversation.isCut ? cutOffKey : olderKey, () => moreNode(conversation, onMore)));
  }
  nodes.push(...linesAfter(conversation, undefined, onCommand));
  const runningAt = conversation.placeOfRunning;
  let chapter = messages[0]?.chapter ?? conversation.chapter;
  let day = "";
  messages.forEach((message, index) => {
    if (index === runningAt) nodes.push(runningNode(running));
    const next = message.chapter ?? conversation.chapter;
    if (startsChapter(conversation, chapter, next)) nodes.push(nodeFor(chapters, next, () => chapterNode()));
    chapter = next;
    const began = new Date(message.atMs).toDateString();
    if (began !== day) nodes.push(nodeFor(days, began, () => dayNode(message.atMs)));
    day = began;
    if (message.id === running?.turn) nodes.push(runningNode(running));
    else if (!isHidden(message)) {
      nodes.push(nodeOf(message, () => grown(message) ?? freshNode(message, actions(message))));
    }
    nodes.push(...linesAfter(conversation, message.id, onCommand));
  });
  if (runningAt === messages.length) nodes.push(runningNode(running));
  if (startsChapter(conversation, chapter, conversation.chapter)) {
    const onUndo = () => onCommand({ name: "reset", argument: "undo" });
    const key = `${conversation.chapter}, ${conversation.offersUndo ? "" : "last"}`;
    nodes.push(nodeFor(chapters, key, () => chapterNode(conversation.offersUndo ? undefined : onUndo)));
  }
  if (conversation.showsWork) {
    showWork(working, conversation.work);
    nodes.push(working);
  }
  for (const frame of waiting) {
    nodes.push(nodeOf(frame, () => messageNode({ ...frame, role: "user", isWaiting: true })));
  }
  if (nodes.length === 0 && conversation.isLoaded) nodes.push(welcomeNode());
  return nodes;
}

/** Redraws only the draft. False: it has no node yet. */
export function showRunning({ turn, text, actions }) {
  if (growing?.turn !== turn || !growing.node.isConnected) return false;
  drawLater(growing.node, { id: turn, text, actions, isRunning: true });
  return true;
}

setInterval(() => {
  if (working.isConnected && shown?.work !== undefined) showWork(working, shown.work);
}, workEveryMs);

/** Scrolls to a message and marks it for a moment. Returns whether it exists. */
export function markMessage(id) {
  const node = find(id);
  if (node === undefined) return false;
  node.scrollIntoView({ block: "center" });
  stopFollowing();
  focusMessage(id);
  node.classList.add("marked");
  setTimeout(() => node.classList.remove("marked"), markedMs);
  return true;
}

/** Calls `call()` when the reader nears the top of the log. */
export function onNearTop(call) {
  log.addEventListener("scroll", () => {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < nearPx;
    if (log.scrollTop < nearPx && !isAtEnd) call();
  });
}

/** Calls `call(address)` when the reader follows a link to a message. */
export function onMessageLink(call) {
  log.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#c/']");
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    call(link.getAttribute("href"));
  });
}

/** Calls `call(action)` when the reader presses a button under an answer. */
export function onPress(call) {
  log.addEventListener("press-action", ({ detail }) => call(detail));
}

/** Has screen readers say a text once, without Markdown. Answers are announced when complete. */
export function announce(markdown) {
  announced = markdown;
  announcer.textContent = "";
  // In a task of its own, after the drawing.
  if (markdown !== "") {
    setTimeout(() => {
      if (announced === markdown) announcer.textContent = screenReaderText(markdown);
    });
  }
}

/** Clears the announcement of a removed text. */
export function clearStaleAnnouncement({ messages, lines }) {
  if (![...messages, ...lines].some(({ text }) => text === announced)) announce("");
}

/** Copy buttons of code; answers' buttons have their own listeners. */
log.addEventListener("click", ({ target }) => {
  const button = target.closest(".code-bar .copy");
  if (button !== null) {
    const { textContent } = button.closest(".code-frame").querySelector("code");
    // A trailing newline would run a pasted command at once.
    void copyText(button, textContent.replace(/\n$/u, ""));
  }
});

function startsChapter({ since }, chapter, next) {
  return next > chapter && next <= since;
}

function runningNode({ turn, text, actions }) {
  const message = { id: turn, role: "assistant", text, actions, isRunning: true };
  const known = growing?.turn === turn ? growing.node : find(turn);
  if (known?.matches(".assistant") === true) {
    growing = { turn, node: known };
    drawSome(known, message);
  } else growing = { turn, node: freshNode(message) };
  return growing.node;
}

/** Reuses the node of the draft, or of the shown answer. */
function grown(message) {
  if (message.role !== "assistant") return undefined;
  const isGrowing = growing?.turn === message.id;
  const node = isGrowing ? growing.node : find(message.id);
  if (isGrowing) growing = undefined;
  if (node?.matches(".assistant") !== true) return undefined;
  drawSome(node, message);
  return node;
}

function linesAfter(conversation, id, onCommand) {
  return conversation.lines
    .filter(({ after }) => after === id)
    .map((line) => nodeOf(line, () => lineNode(line, onCommand)));
}

/** Like `nodeOf`, for day and chapter nodes, which exist once in the log. */
function nodeFor(known, key, draw) {
  if (!known.has(key)) known.set(key, draw());
  return known.get(key);
}

function nodeOf(thing, draw) {
  if (!drawn.has(thing)) drawn.set(thing, draw());
  return drawn.get(thing);
}

/** Leaves unchanged nodes alone, so that they keep focus and selection. */
function fill(nodes) {
  const wanted = new Set(nodes);
  const focused = document.activeElement.closest("#log > [data-id]");
  for (const node of Array.from(log.childNodes)) if (!wanted.has(node)) node.remove();
  let place = log.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else log.insertBefore(node, place);
  }
  // Keyboards go on at what has replaced it.
  if (focused !== null && !focused.isConnected) focusMessage(focused.dataset.id);
}

function focusMessage(id) {
  const node = find(id);
  if (node === undefined) return;
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

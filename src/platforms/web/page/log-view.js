import { copyFrom } from "./copying.js";
import { drawFresh, drawLater, drawSome, freshNode } from "./drawing.js";
import { follows, scrollToEnd, stopFollowing } from "./follow.js";
import { chapterNode, dayNode, lineNode, messageNode, moreNode, welcomeNode } from "./message-view.js";
import { find, firstInSight, holdTo } from "./place-in-log.js";
import { spoken } from "./spoken.js";
import { showWork, workingNode } from "./working-view.js";

const log = document.querySelector("#log");
const announcer = document.querySelector("#announcer");
const nearPx = 80;
const markedMs = 2_500;
const workEveryMs = 1_000;
/** Message, line or waiting frame → its node: what has not changed is not drawn again. */
const drawn = new WeakMap();
const [upwards, cutOff] = [{}, {}];
/** The day and the chapter that begins with a message → its node. */
const [days, chapters] = [new Map(), new Map()];
/** The text that was announced, as it was written. */
let announced = "";
/** The answer that is being written: { turn, node }. */
let growing;
const working = workingNode();
/** The conversation that is shown. */
let shown;

/** `ears`: actions(message), onMore(), onOrder(order), isHidden(message). Shows a conversation; stays at its end when the reader is there, and else at what is being read. */
export function showLog(conversation, waiting, ears) {
  const isFollowing = follows();
  const anchor = isFollowing ? undefined : firstInSight();
  shown = conversation;
  fill(nodesOf(conversation, waiting, ears));
  drawFresh();
  if (isFollowing) scrollToEnd();
  else if (anchor !== undefined) holdTo(anchor);
}

function nodesOf(conversation, waiting, { actions, onMore, onOrder, isHidden }) {
  const { messages, running, work } = conversation;
  const nodes = [];
  if (conversation.more !== undefined) {
    nodes.push(nodeOf(conversation.isCut ? cutOff : upwards, () => moreNode(conversation, onMore)));
  }
  nodes.push(...linesAfter(conversation, undefined, onOrder));
  const runningAt = running === undefined ? -1 : conversation.placeBehind(running.covers);
  let chapter = messages[0]?.chapter ?? conversation.chapter;
  let day = "";
  messages.forEach((message, index) => {
    if (index === runningAt) nodes.push(runningNode(running));
    const next = message.chapter ?? conversation.chapter;
    if (startsAfresh(conversation, chapter, next)) nodes.push(nodeFor(chapters, next, () => chapterNode()));
    chapter = next;
    const began = new Date(message.atMs).toDateString();
    if (began !== day) nodes.push(nodeFor(days, began, () => dayNode(message.atMs)));
    day = began;
    // It says that it is being answered again.
    if (message.role === "notice" && message.id === running?.turn) return;
    if (!isHidden(message)) {
      nodes.push(nodeOf(message, () => grown(message) ?? freshNode(message, actions(message))));
    }
    nodes.push(...linesAfter(conversation, message.id, onOrder));
  });
  if (runningAt === messages.length) nodes.push(runningNode(running));
  if (startsAfresh(conversation, chapter, conversation.chapter)) {
    const onUndo = () => onOrder({ name: "reset", argument: "undo" });
    const key = `${conversation.chapter}, ${conversation.offersUndo ? "" : "last"}`;
    nodes.push(nodeFor(chapters, key, () => chapterNode(conversation.offersUndo ? undefined : onUndo)));
  }
  if (running === undefined && work !== undefined) {
    showWork(working, work);
    nodes.push(working);
  }
  for (const frame of waiting) {
    nodes.push(nodeOf(frame, () => messageNode({ ...frame, role: "user", isWaiting: true })));
  }
  if (nodes.length === 0 && conversation.isLoaded) nodes.push(welcomeNode());
  return nodes;
}

/** Only the running answer has grown: nothing else is drawn again. False where it has no place yet. */
export function showRunning({ turn, text }) {
  if (growing?.turn !== turn || !growing.node.isConnected) return false;
  drawLater(growing.node, { id: turn, text, isRunning: true });
  return true;
}

setInterval(() => {
  if (working.isConnected && shown?.work !== undefined) showWork(working, shown.work);
}, workEveryMs);

/** Brings a message into sight and marks it for a moment. Gives whether it is there. */
export function markMessage(id) {
  const node = find(id);
  if (node === undefined) return false;
  node.scrollIntoView({ block: "center" });
  stopFollowing();
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
  node.classList.add("marked");
  setTimeout(() => node.classList.remove("marked"), markedMs);
  return true;
}

/** Calls when the reader comes near the beginning of what is here. */
export function onNearTop(call) {
  log.addEventListener("scroll", () => {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < nearPx;
    if (log.scrollTop < nearPx && !isAtEnd) call();
  });
}

/** Calls with the address of a message that the reader goes to. */
export function onMessageLink(call) {
  log.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#c/']");
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    call(link.getAttribute("href"));
  });
}

/** Screen readers hear an answer when it is whole, not bit by bit; its words, not its marks. */
export function announce(markdown) {
  announced = markdown;
  announcer.textContent = "";
  // In a task of its own: an answer that is whole has to be drawn as well.
  if (markdown !== "") {
    setTimeout(() => {
      if (announced === markdown) announcer.textContent = spoken(markdown);
    });
  }
}

/** An answer that is gone is not to be found by a screen reader either. */
export function takeBackAnnouncement({ messages, lines }) {
  if (![...messages, ...lines].some(({ text }) => text === announced)) announce("");
}

/** The copy buttons of code; those of whole answers have listeners of their own. */
log.addEventListener("click", ({ target }) => {
  const button = target.closest(".code-bar .copy");
  if (button !== null) {
    const { textContent } = button.closest(".code-frame").querySelector("code");
    // A line end behind a command would run it as soon as it is pasted.
    void copyFrom(button, textContent.replace(/\n$/u, ""));
  }
});

function startsAfresh({ since }, chapter, next) {
  return next > chapter && next <= since;
}

function runningNode({ turn, text }) {
  const message = { id: turn, role: "assistant", text, isRunning: true };
  const known = growing?.turn === turn ? growing.node : find(turn);
  if (known?.matches(".assistant") === true) {
    growing = { turn, node: known };
    drawSome(known, message);
  } else growing = { turn, node: freshNode(message) };
  return growing.node;
}

/** The node in which an answer has grown, or is shown already, stays its node. */
function grown(message) {
  if (message.role !== "assistant") return undefined;
  const isGrowing = growing?.turn === message.id;
  const node = isGrowing ? growing.node : find(message.id);
  if (isGrowing) growing = undefined;
  if (node?.matches(".assistant") !== true) return undefined;
  drawSome(node, message);
  return node;
}

function linesAfter(conversation, id, onOrder) {
  return conversation.lines
    .filter(({ after }) => after === id)
    .map((line) => nodeOf(line, () => lineNode(line, onOrder)));
}

/** `known`: of the log as a whole, where each stands once. */
function nodeFor(known, key, draw) {
  if (!known.has(key)) known.set(key, draw());
  return known.get(key);
}

function nodeOf(thing, draw) {
  if (!drawn.has(thing)) drawn.set(thing, draw());
  return drawn.get(thing);
}

/** What stays is not touched: it keeps the focus and what is selected in it. */
function fill(nodes) {
  const wanted = new Set(nodes);
  for (const node of Array.from(log.childNodes)) if (!wanted.has(node)) node.remove();
  let place = log.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else log.insertBefore(node, place);
  }
}

import { copyText } from "../common/copy-text.js";
import { copyButton } from "../answer/decorate-answer.js";
import { filesNode } from "./file-view.js";
import { render } from "../answer/markdown.js";
import { showActions } from "./post-actions.js";
import { isReplyAction, replyBar, showReplyButtons } from "./reply-buttons.js";
import { RichText } from "../answer/rich-text.js";
import { sizeOf } from "../common/size-of.js";
import { dayName, exactTime, timeNode } from "../common/times.js";

const resetLine = "Memory reset · nothing above is used";
const names = { user: "You", assistant: "Threadkeeper" };
/** An answer's node → its RichText. */
const texts = new WeakMap();
/** An answer's node → its Markdown. */
const sources = new WeakMap();

/** The node of a message; `showAnswer` draws answers. `onEdit`, `onDelete`: for the person's own messages. */
export function messageNode(message, { onEdit, onDelete } = {}) {
  if (message.role === "notice") return rememberedNotice(message);
  const node = document.createElement("article");
  node.className = `message ${message.role}`;
  node.dataset.id = message.id ?? "";
  node.setAttribute("aria-label", nameOf(message));
  node.classList.toggle("waiting", message.isWaiting === true);
  node.append(headNode(message));
  const body = document.createElement("div");
  body.className = "body";
  body.dir = "auto";
  node.append(body);
  if (message.role === "user") body.textContent = message.text;
  else texts.set(node, new RichText(body));
  showFiles(node, message.shown ?? message.files);
  if (message.role === "user" && message.isWaiting !== true) node.append(tools(onEdit, onDelete));
  if (message.role === "assistant") node.append(answerTools(node));
  return node;
}

/** The speaker and the time. */
function headNode({ role, isWaiting = false, atMs }) {
  const node = paragraph("who", isWaiting ? "You · not sent yet" : names[role]);
  if (atMs !== undefined && !isWaiting) node.append(" · ", timeNode(atMs));
  return node;
}

/** The label for screen readers. */
function nameOf({ role, isWaiting = false, atMs }) {
  const who = isWaiting ? "You, not sent yet" : names[role];
  return atMs === undefined || isWaiting ? who : `${who}, ${exactTime(atMs)}`;
}

/**
 * Updates an answer in its node and redraws only what changed. Returns whether all is drawn within `forMs`; it looks
 * unfinished until then.
 */
export function showAnswer(node, message, forMs) {
  const { id = "", text, isRunning = false, atMs, actions = [] } = message;
  node.dataset.id = id;
  node.setAttribute("aria-label", nameOf(message));
  sources.set(node, text);
  const head = node.querySelector(".who");
  if (atMs !== undefined && head.querySelector("time") === null) head.replaceWith(headNode(message));
  showReplyButtons(node, message);
  showFiles(node, isRunning ? [] : message.files);
  const isDrawn = texts.get(node).show(text, { isWhole: !isRunning, forMs });
  showActions(
    node,
    actions.filter((each) => !isReplyAction(each)),
  );
  // An answer with buttons waits for the person.
  node.classList.toggle("running", (isRunning && actions.length === 0) || !isDrawn);
  return isDrawn;
}

/** Under the text of a message. Nothing moves if it shows them already. */
function showFiles(node, files = []) {
  const drawn = JSON.stringify(files);
  if ((node.dataset.files ?? "[]") === drawn) return;
  node.dataset.files = drawn;
  node.querySelector(":scope > .files")?.remove();
  const list = filesNode(files);
  if (list !== undefined) node.querySelector(":scope > .body").after(list);
}

function rememberedNotice(message) {
  const node = noteNode("notice", render(message.text));
  node.dataset.id = message.id;
  node.append(replyBar());
  showReplyButtons(node, message);
  return node;
}

/** A line of the bot or the page that is not stored. */
export function lineNode(line, onCommand) {
  const node = noteNode(line.kind, line.kind === "file" ? download(line) : render(line.text));
  if (line.buttons?.length > 0) node.append(choicesNode(line.buttons, onCommand));
  if (line.kind !== "fault")
    node.append(paragraph("aside", "This isn't saved. It disappears when you reload the page."));
  return node;
}

/** Destructive buttons are highlighted, and last. */
function choicesNode(buttons, onCommand) {
  const node = document.createElement("div");
  node.className = "choices";
  for (const { label, command, isFinal } of buttons.toSorted(
    (a, b) => Number(a.isFinal) - Number(b.isFinal),
  )) {
    const each = plainButton(label, () => onCommand(command));
    each.classList.toggle("final-action", isFinal);
    node.append(each);
  }
  return node;
}

function noteNode(kind, content) {
  const node = document.createElement("div");
  node.className = `message ${kind}`;
  const body = document.createElement("div");
  body.className = "body";
  body.append(content);
  node.append(body);
  return node;
}

function download({ name, url, bytes }) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.textContent = `Download ${name} (${sizeOf(bytes)})`;
  return link;
}

/** The button for older messages. */
export function moreNode({ isCut }, onMore) {
  const node = document.createElement("div");
  node.className = "more";
  if (isCut) node.append(paragraph("cut", "I can't load older messages right now."));
  const more = plainButton(isCut ? "Try again" : "Show earlier messages", onMore);
  node.append(more);
  return node;
}

/** `onUndo`: given if the reset can be undone. */
export function chapterNode(onUndo) {
  const node = document.createElement("div");
  node.className = "chapter";
  const line = document.createElement("span");
  line.setAttribute("role", "separator");
  line.setAttribute("aria-label", resetLine);
  line.textContent = resetLine;
  node.append(line);
  if (onUndo !== undefined) node.append(plainButton("Undo", onUndo));
  return node;
}

export function welcomeNode() {
  return paragraph("welcome", "Ask me anything. I'll remember it next time.");
}

/** The heading above a day's first message. */
export function dayNode(atMs) {
  const node = document.createElement("div");
  node.className = "day";
  node.textContent = dayName(atMs);
  return node;
}

function answerTools(node) {
  const place = replyBar();
  const copy = copyButton("Copy this answer");
  copy.addEventListener("click", () => void copyText(copy, sources.get(node)));
  place.append(copy);
  return place;
}

function tools(onEdit, onDelete) {
  const node = document.createElement("div");
  node.className = "tools";
  node.append(button("Edit", onEdit), button("Delete", onDelete));
  return node;
}

function button(label, onClick) {
  const node = plainButton(label, onClick);
  node.setAttribute("aria-label", `${label} this message`);
  return node;
}

function plainButton(label, onClick) {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = label;
  node.addEventListener("click", onClick);
  return node;
}

function paragraph(kind, text) {
  const node = document.createElement("p");
  node.className = kind;
  node.textContent = text;
  return node;
}

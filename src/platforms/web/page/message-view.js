import { render } from "./markdown.js";
import { RichText } from "./rich-text.js";

const resetLine = "Memory reset · nothing above is used";
const names = { user: "You", assistant: "Threadkeeper" };
/** An answer's node → its text, which may grow. */
const texts = new WeakMap();

/** Shows one message. `onEdit` and `onDelete` are for a person's own. */
export function messageNode(message, { onEdit, onDelete } = {}) {
  if (message.role === "notice") return rememberedNotice(message);
  const node = document.createElement("article");
  node.className = `message ${message.role}`;
  node.dataset.id = message.id ?? "";
  node.classList.toggle("waiting", message.isWaiting === true);
  node.append(paragraph("who", message.isWaiting === true ? "You · not sent yet" : names[message.role]));
  const body = document.createElement("div");
  body.className = "body";
  body.dir = "auto";
  node.append(body);
  if (message.role === "user") body.textContent = message.text;
  else {
    texts.set(node, new RichText(body));
    showAnswer(node, message);
  }
  if (message.role === "user" && message.isWaiting !== true) node.append(tools(onEdit, onDelete));
  return node;
}

/**
 * Shows an answer as it reads now, in the node that it has: what stays of it is not drawn again. Gives whether all is drawn
 * within `forMs`; it looks as running until it is.
 */
export function showAnswer(node, { id = "", text, isRunning = false }, forMs) {
  node.dataset.id = id;
  const isDrawn = texts.get(node).show(text, { isWhole: !isRunning, forMs });
  node.classList.toggle("running", isRunning || !isDrawn);
  return isDrawn;
}

function rememberedNotice({ id, text }) {
  const node = noteNode("notice", render(text));
  node.dataset.id = id;
  return node;
}

/** A line of the bot's or the page's own, which is not remembered. */
export function lineNode(line, onOrder) {
  const node = noteNode(line.kind, line.kind === "file" ? download(line) : render(line.text));
  if (line.action !== undefined)
    node.append(plainButton(line.action.label, () => onOrder(line.action.order)));
  if (line.kind !== "fault")
    node.append(paragraph("aside", "Only you see this, until the page is loaded again."));
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

function sizeOf(bytes) {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Stands where a conversation goes on upwards. */
export function moreNode({ isCut }, onMore) {
  const node = document.createElement("div");
  node.className = "more";
  if (isCut) node.append(paragraph("cut", "What is older can't be read right now."));
  const more = plainButton(isCut ? "Try again" : "Show earlier messages", onMore);
  node.append(more);
  return node;
}

/** `onUndo`: it is the last thing that happened, and can be undone. */
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
  return paragraph("welcome", "Ask something. I remember this conversation, also after a restart.");
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

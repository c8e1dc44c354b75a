import { render } from "./markdown.js";

const names = { user: "You", assistant: "Threadkeeper" };

/** Shows one message. `onEdit` and `onDelete` are for a person's own. */
export function messageNode(message, { onEdit, onDelete } = {}) {
  if (message.role === "notice") return lineNode("notice", message.text);
  const node = document.createElement("article");
  node.className = `message ${message.role}`;
  node.classList.toggle("waiting", message.isWaiting === true);
  node.classList.toggle("running", message.isRunning === true);
  node.append(paragraph("who", message.isWaiting === true ? "You · not sent yet" : names[message.role]));
  const body = document.createElement("div");
  body.className = "body";
  if (message.role === "user") body.textContent = message.text;
  else body.append(render(message.text));
  node.append(body);
  if (message.role === "user" && message.isWaiting !== true) node.append(tools(onEdit, onDelete));
  return node;
}

/** A line of the bot's or the page's own. */
export function lineNode(kind, text) {
  const node = document.createElement("div");
  node.className = `message ${kind}`;
  const body = document.createElement("div");
  body.className = "body";
  body.append(render(text));
  node.append(body);
  return node;
}

export function chapterNode() {
  const node = document.createElement("div");
  node.className = "chapter";
  node.setAttribute("role", "separator");
  node.textContent = "A fresh start: what is above is no longer used";
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
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = label;
  node.setAttribute("aria-label", `${label} this message`);
  node.addEventListener("click", onClick);
  return node;
}

function paragraph(kind, text) {
  const node = document.createElement("p");
  node.className = kind;
  node.textContent = text;
  return node;
}

import { chapterNode, lineNode, messageNode, welcomeNode } from "./message-view.js";

const log = document.querySelector("#log");
const announcer = document.querySelector("#announcer");

/** Shows a conversation; stays at its end when the reader is there. */
export function showLog(conversation, waiting, actions) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const nodes = linesAfter(conversation, undefined);
  let chapter = conversation.messages[0]?.chapter ?? conversation.chapter;
  for (const message of conversation.messages) {
    const next = message.chapter ?? conversation.chapter;
    if (next !== chapter) nodes.push(chapterNode());
    chapter = next;
    nodes.push(messageNode(message, actions(message)), ...linesAfter(conversation, message.id));
  }
  if (chapter !== conversation.chapter) nodes.push(chapterNode());
  for (const message of waiting) nodes.push(messageNode({ ...message, role: "user", isWaiting: true }));
  if (conversation.running !== undefined) nodes.push(runningNode(conversation.running));
  if (nodes.length === 0 && conversation.isLoaded) nodes.push(welcomeNode());
  log.replaceChildren(...nodes);
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

/** Only the running answer has grown: nothing else is drawn again. */
export function showRunning(running) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const node = runningNode(running);
  const old = log.querySelector(".running");
  if (old === null) log.append(node);
  else old.replaceWith(node);
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

export function scrollToEnd() {
  log.scrollTop = log.scrollHeight;
}

/** Screen readers hear an answer when it is whole, not bit by bit. */
export function announce(text) {
  announcer.textContent = text;
}

function runningNode({ text }) {
  return messageNode({ role: "assistant", text, isRunning: true });
}

function linesAfter(conversation, id) {
  return conversation.lines.filter(({ after }) => after === id).map(({ kind, text }) => lineNode(kind, text));
}

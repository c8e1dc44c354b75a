import { askedFor, confirmed } from "./ask.js";
import { Conversation } from "./conversation.js";
import { Link } from "./link.js";
import { closeList, showList } from "./list-view.js";
import { announce, scrollToEnd, showLog, showRunning } from "./log-view.js";
import { Outbox } from "./outbox.js";

const find = (id) => document.querySelector(`#${id}`);
const [text, send, stop] = ["text", "send", "stop"].map(find);
const link = new Link();
const outbox = new Outbox();
/** id → { id, title, atMs }, as the server lists them. */
const listed = new Map();
const conversations = new Map();
let commands = [];
let current = "";

const newId = () =>
  crypto.getRandomValues(new Uint32Array(4)).reduce((id, word) => id + word.toString(36), "");
const draftKey = () => `threadkeeper.draft.${current}`;

function conversation(id = current) {
  if (!conversations.has(id)) conversations.set(id, new Conversation());
  return conversations.get(id);
}

// --- What the server says ---------------------------------------------------------------------------

const onFrame = {
  welcome(frame) {
    listed.clear();
    for (const each of frame.conversations) listed.set(each.id, each);
    commands = frame.commands;
    find("demo").hidden = !frame.demo;
    showCommands();
    if (current === "") choose(frame.conversations[0]?.id ?? newId());
    else link.send({ type: "open", conversation: current });
    for (const waiting of outbox.frames) link.send(waiting);
    show();
  },
  history({ conversation: id, messages, chapter }) {
    conversation(id).setHistory(messages, chapter);
    if (id !== current) return;
    show();
    scrollToEnd();
  },
  accepted({ id, conversation: where }) {
    const frame = outbox.frames.find((each) => each.id === id);
    outbox.remove(id);
    if (frame === undefined) return;
    if (frame.type === "say") {
      conversation(where).addSaid({ id, role: "user", text: frame.text, atMs: Date.now() });
      touch(where, frame.text);
    }
    if (frame.type === "edit") conversation(where).change(frame.message, frame.text);
    if (frame.type === "delete") conversation(where).change(frame.message, undefined);
    show();
  },
  piece({ conversation: id, turn, text: piece }) {
    conversation(id).addPiece(turn, piece);
    if (id !== current) return;
    showRunning(conversation().running);
    showButtons();
  },
  done({ conversation: id, turn, text: whole }) {
    conversation(id).finish(turn, whole);
    if (id !== current) return;
    announce(whole);
    show();
  },
  notice({ conversation: id, text: line }) {
    conversation(id).addLine("notice", line);
    if (id !== current) return;
    announce(line);
    show();
  },
  renamed({ conversation: id, title }) {
    touch(id, title, true);
    show();
  },
  removed({ conversation: id }) {
    listed.delete(id);
    conversations.delete(id);
    outbox.removeConversation(id);
    if (id === current) choose(newId());
    show();
  },
  error({ id, code, message, reference }) {
    // The frame will not do better the next time; what could not be stored stays, and goes out again.
    if (id !== undefined && code !== "not-stored") outbox.remove(id);
    conversation().addLine("fault", `${message} (Reference: ${reference})`);
    announce(message);
    show();
  },
};

link.addEventListener("frame", ({ detail }) => onFrame[detail.type]?.(detail));
link.addEventListener("up", () => (find("connection").textContent = ""));
link.addEventListener("down", () => {
  find("connection").textContent = "Not connected. Trying again…";
});

// --- What the person does ---------------------------------------------------------------------------

function order(frame) {
  outbox.add(frame);
  link.send(frame);
  show();
}

function say() {
  const words = text.value.trim();
  if (words === "") return;
  const [, name, argument = ""] = /^\/(\w+)(?:\s+(.*))?$/su.exec(words) ?? [];
  const isCommand = commands.some((command) => command.name === name);
  const id = newId();
  if (isCommand) order({ type: "command", id, conversation: current, name, argument });
  else order({ type: "say", id, conversation: current, text: text.value });
  text.value = "";
  localStorage.removeItem(draftKey());
  fitText();
  show();
  scrollToEnd();
}

async function edit(message) {
  const changed = await askedFor("Edit your message", { text: message.text, isLong: true });
  if (changed === undefined || changed === "" || changed === message.text) return;
  order({ type: "edit", id: newId(), conversation: current, message: message.id, text: changed });
}

async function remove(message) {
  if (!(await confirmed("Delete this message? The bot forgets it.", "Delete"))) return;
  order({ type: "delete", id: newId(), conversation: current, message: message.id });
}

async function renameCurrent() {
  const title = await askedFor("Name this conversation", { text: listed.get(current)?.title ?? "" });
  if (title) order({ type: "rename", id: newId(), conversation: current, title });
}

async function removeCurrent() {
  const question = "Delete this conversation? Everything that the bot keeps of it goes.";
  if (await confirmed(question, "Delete")) order({ type: "remove", id: newId(), conversation: current });
}

function choose(id) {
  if (location.hash.slice(1) !== id) history.replaceState(undefined, "", `#${id}`);
  current = id;
  link.send({ type: "open", conversation: id });
  text.value = localStorage.getItem(draftKey()) ?? "";
  fitText();
  closeList();
  show();
}

find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  say();
});
text.addEventListener("keydown", (event) => {
  // While an input method composes, Enter chooses a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  say();
});
text.addEventListener("input", () => {
  localStorage.setItem(draftKey(), text.value);
  fitText();
  showButtons();
});
stop.addEventListener("click", () => {
  link.send({ type: "stop", conversation: current });
  text.focus();
});
find("new").addEventListener("click", () => {
  // Goes through `hashchange`, so that the browser's Back leads to where the person was.
  location.hash = newId();
  text.focus();
});
find("rename").addEventListener("click", () => void renameCurrent());
find("remove").addEventListener("click", () => void removeCurrent());
addEventListener("hashchange", () => choose(location.hash.slice(1) || newId()));

// --- What is shown ----------------------------------------------------------------------------------

function show() {
  const waiting = outbox.frames.filter(({ type, conversation: id }) => type === "say" && id === current);
  showList(listed.values(), current);
  showLog(conversation(), waiting, actions);
  const title = listed.get(current)?.title || "New conversation";
  find("title").textContent = title;
  document.title = `${title} · Threadkeeper`;
  find("actions").hidden = !listed.has(current);
  showButtons();
}

function actions(message) {
  return { onEdit: () => edit(message), onDelete: () => remove(message) };
}

function showButtons() {
  const isRunning = conversation().running !== undefined;
  stop.hidden = !isRunning;
  send.hidden = isRunning && text.value.trim() === "";
}

function showCommands() {
  find("commands").replaceChildren(
    ...commands.map(({ name, description }) => {
      const node = document.createElement("button");
      node.type = "button";
      node.textContent = `/${name}`;
      node.title = description;
      node.addEventListener("click", () => {
        order({ type: "command", id: newId(), conversation: current, name, argument: "" });
      });
      return node;
    }),
  );
}

function touch(id, title, isName = false) {
  const known = listed.get(id);
  const shown = isName ? title : known?.title || title.trim().split("\n", 1)[0].slice(0, 80);
  listed.set(id, { id, title: shown, atMs: Date.now() });
}

function fitText() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

current = location.hash.slice(1);
if (current !== "") choose(current);

import { askedFor, confirmed } from "./ask.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { follows, scrollToEnd } from "./follow.js";
import { HistoryLoader } from "./history-loader.js";
import { Link } from "./link.js";
import { closeList, showList, untitled } from "./list-view.js";
import * as log from "./log-view.js";
import { Outbox } from "./outbox.js";
import { placeIn } from "./places.js";

const find = (id) => document.querySelector(`#${id}`);
const link = new Link();
const outbox = new Outbox((frame) => link.send(frame));
const loader = new HistoryLoader((frame) => link.send(frame));
const composer = new Composer({
  onSay: (text) => send({ type: "say", text }),
  onOrder: (order) => send({ type: "command", ...order }),
  onStop: () => link.send({ type: "stop", conversation: current }),
});
/** id → { id, title, atMs }, as the server lists them. */
const listed = new Map();
const conversations = new Map();
/** How long to wait with what the server could not do now, by the code of its error. */
const retryMs = { "not-stored": 4_000, "slow-down": 1_200, "memory-unavailable": 4_000 };
let current = "";
/** The conversation was just chosen: its end is to be seen. */
let isFresh = false;

const newId = () =>
  crypto.getRandomValues(new Uint32Array(4)).reduce((id, word) => id + word.toString(36), "");

function conversation(id = current) {
  if (!conversations.has(id)) conversations.set(id, new Conversation());
  return conversations.get(id);
}

// --- What the server says ---------------------------------------------------------------------------

const onFrame = {
  welcome(frame) {
    listed.clear();
    for (const each of frame.conversations) listed.set(each.id, each);
    composer.setCommands(frame.commands);
    find("demo").hidden = !frame.demo;
    find("sign-out").hidden = frame.signOut !== true;
    loader.settle();
    sayWhatWasCutOff();
    if (current === "" && placeIn(location.hash).conversation !== undefined) chooseByAddress();
    else if (current === "") choose(frame.conversations[0]?.id ?? newId());
    else link.send({ type: "open", conversation: current });
    outbox.begin();
    show();
  },
  history(frame) {
    const { conversation: id, messages } = frame;
    const isHere = id === current;
    conversation(id).setHistory(frame, isHere && (loader.hasGoal || !(isFresh || follows())));
    // It was begun on another page.
    if (!listed.has(id) && messages.length > 0) touch(id, messages[0].text);
    show();
    if (!isHere) return;
    log.takeBackAnnouncement(conversation());
    if (isFresh && !loader.hasGoal) scrollToEnd();
    isFresh = false;
    goOn();
  },
  older(frame) {
    conversation(frame.conversation).setOlder(frame);
    if (frame.conversation !== current) return;
    loader.settle();
    show();
    goOn();
  },
  accepted({ id, conversation: where }) {
    const frame = outbox.settle(id);
    if (frame === undefined) return;
    conversation(where).removeFaults((fault) => fault.id === id);
    if (frame.type === "say") {
      conversation(where).addSaid({ id, role: "user", text: frame.text, atMs: Date.now() });
      touch(where, frame.text);
    }
    if (frame.type === "edit") conversation(where).change(frame.message, frame.text);
    if (frame.type === "delete") conversation(where).change(frame.message, undefined);
    show();
  },
  working({ conversation: id, words }) {
    conversation(id).setWork(words);
    if (id === current) show();
  },
  piece(frame) {
    conversation(frame.conversation).addPiece(frame);
    if (frame.conversation === current && !log.showRunning(conversation().running)) show();
  },
  done(frame) {
    conversation(frame.conversation).finish(frame);
    if (frame.conversation !== current) return;
    log.announce(frame.text);
    show();
  },
  notice({ conversation: id, text: line }) {
    conversation(id).addLine("notice", line);
    if (id !== current) return;
    log.announce(line);
    show();
  },
  file(frame) {
    const isWhole = conversation(frame.conversation).addFilePart(frame);
    if (!isWhole || frame.conversation !== current) return;
    log.announce(`The file ${frame.name} is here`);
    show();
  },
  renamed({ conversation: id, title }) {
    const known = listed.get(id);
    if (known === undefined && title === "") return;
    listed.set(id, { id, title, atMs: known?.atMs ?? Date.now() });
    show();
  },
  removed({ conversation: id }) {
    listed.delete(id);
    conversations.get(id)?.forget();
    conversations.delete(id);
    outbox.removeConversation(id);
    if (id === current) choose(newId());
    show();
  },
  error(fault) {
    const waitMs = retryMs[fault.code];
    const frame = outbox.frames.find(({ id }) => id === fault.id);
    if (frame !== undefined && waitMs !== undefined) outbox.retry(frame.id, waitMs);
    else if (frame !== undefined) outbox.settle(frame.id);
    // Only haste is amiss, and it is sent again by itself.
    if (frame !== undefined && fault.code === "slow-down") return;
    loader.settle();
    if (fault.code === "memory-unavailable")
      setTimeout(() => link.send({ type: "open", conversation: current }), waitMs);
    conversation(frame?.conversation).addFault(fault);
    log.announce(fault.message);
    show();
  },
};

link.addEventListener("frame", ({ detail }) => onFrame[detail.type]?.(detail));
link.addEventListener("up", () => (find("connection").textContent = ""));
link.addEventListener("down", () => {
  find("connection").textContent = "Not connected. Trying again…";
});
link.addEventListener("refused", ({ detail: { status, reason } }) => {
  // Signed out on another page, or the token counts no longer: the start page asks for it.
  if (status === 401) location.reload();
  else find("connection").textContent = reason;
});

// --- What the person does ---------------------------------------------------------------------------

/** Sends something about the conversation that is shown, now or when there is a connection. */
function send(frame) {
  if (current === "") choose(newId());
  outbox.add({ id: newId(), conversation: current, ...frame });
  show();
  if (frame.type === "say" || frame.type === "command") scrollToEnd();
}

async function edit(message) {
  const changed = await askedFor("Edit your message", { text: message.text, isLong: true });
  if (changed === undefined || changed === "" || changed === message.text) return;
  send({ type: "edit", message: message.id, text: changed });
}

async function remove(message) {
  const question =
    "Delete this message for good? The bot forgets it everywhere, and takes back what it answered to it.";
  if (await confirmed(question, "Delete")) send({ type: "delete", message: message.id });
}

async function renameCurrent() {
  const title = await askedFor("Name this conversation", { text: listed.get(current)?.title ?? "" });
  if (title) send({ type: "rename", title });
}

async function removeCurrent() {
  const question =
    "Delete this conversation for good? The bot forgets all of it, everywhere, and nobody can bring it back.";
  if (await confirmed(question, "Delete")) send({ type: "remove" });
}

async function signOut() {
  const question =
    "Sign out? This browser forgets who you are: you won't get back to these conversations, also after you sign in again.";
  if (await confirmed(question, "Sign out")) find("sign-out").submit();
}

/** `message`: to be brought into sight. */
function choose(id, message) {
  if (placeIn(location.hash).conversation !== id) history.replaceState(undefined, "", `#${id}`);
  current = id;
  isFresh = true;
  loader.begin(message);
  link.send({ type: "open", conversation: id });
  composer.begin(id);
  closeList();
  show();
}

function chooseByAddress() {
  const { conversation: id, message } = placeIn(location.hash);
  choose(id ?? newId(), message);
}

find("new").addEventListener("click", () => {
  const id = newId();
  // The browser's Back leads to where the person was. Waiting for `hashchange` would lose what is typed meanwhile.
  history.pushState(undefined, "", `#${id}`);
  choose(id);
  composer.focus();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  // `#text` would be taken for a conversation.
  event.preventDefault();
  composer.focus();
});
find("rename").addEventListener("click", () => void renameCurrent());
find("remove").addEventListener("click", () => void removeCurrent());
find("sign-out").addEventListener("submit", (event) => {
  event.preventDefault();
  void signOut();
});
addEventListener("hashchange", chooseByAddress);
log.onMessageLink((address) => {
  if (location.hash !== address) history.pushState(undefined, "", address);
  chooseByAddress();
});
log.onNearTop(onMore);

// --- What is shown ----------------------------------------------------------------------------------

function goOn() {
  if (!loader.goOn(current, conversation())) return;
  conversation().addLine(
    "fault",
    "That message can't be found here: it is gone, or was never in this conversation.",
  );
  show();
  scrollToEnd();
}

function sayWhatWasCutOff() {
  for (const each of conversations.values()) {
    for (const name of each.dropFileParts())
      each.addLine("fault", `The file ${name} did not arrive whole. Please order it again.`);
  }
}

function show() {
  const waiting = outbox.frames.filter(({ type, conversation: id }) => type === "say" && id === current);
  showList(listed.values(), current);
  log.showLog(conversation(), waiting, { actions, onMore });
  const title = listed.get(current)?.title || (listed.has(current) ? untitled : "New conversation");
  find("title").textContent = title;
  document.title = `${title} · Threadkeeper`;
  find("actions").hidden = !listed.has(current);
  composer.showBusy(conversation().isBusy);
}

function onMore() {
  loader.loadMore(current, conversation());
}

function actions(message) {
  return { onEdit: () => edit(message), onDelete: () => remove(message) };
}

/** Something was said there: it is the newest one. */
function touch(id, text) {
  const title = listed.get(id)?.title || text.trim().split("\n", 1)[0].slice(0, 80);
  listed.set(id, { id, title, atMs: Date.now() });
}

if (placeIn(location.hash).conversation !== undefined) chooseByAddress();

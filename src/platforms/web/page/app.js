import { batch, computed, effect } from "@preact/signals";
import { html, render } from "htm/preact";

import { AskDialog, askForText } from "./dialog/ask.js";
import { Toasts } from "./dialog/toasts.js";
import { restoreFiles } from "./composer/attachments.js";
import { Composer } from "./composer/composer.js";
import { beginDraft, focusField, restoreText } from "./composer/draft.js";
import { Deletions } from "./state/deletions.js";
import { scrollToEnd } from "./log/follow-end.js";
import { Frames } from "./state/frames.js";
import { HistoryLoader } from "./state/history-loader.js";
import { Link } from "./state/link.js";
import { closeList, goTo } from "./sidebar/drawer.js";
import { ListToggle } from "./sidebar/list-toggle.js";
import { Sidebar } from "./sidebar/sidebar.js";
import * as log from "./log/log-view.js";
import { confirmCommand, resolveText } from "./composer/confirm-command.js";
import { Outbox } from "./state/outbox.js";
import { parseAddress } from "./state/parse-address.js";
import { conversation, dropQuotes, markUnread, newId, state, titleOf } from "./state/state.js";
import { shortcutActions } from "./shortcuts/shortcut-actions.js";
import { ShortcutSheet } from "./shortcuts/shortcut-sheet.js";
import { listenToKeys } from "./shortcuts/shortcuts.js";
import { isReplyAction } from "./log/reply-buttons.js";
import { ReplyPresses } from "./state/reply-presses.js";
import { Stops } from "./state/stops.js";

const find = (id) => document.querySelector(`#${id}`);
const link = new Link();
const outbox = new Outbox((frame) => link.send(forServer(frame)));
const loader = new HistoryLoader((frame) => link.send(frame));
const stops = new Stops((frame) => link.send(frame));
const deletions = new Deletions(outbox, show);
const replies = new ReplyPresses(outbox, show);
const page = { link, outbox, stops, loader, replies, show, choose, chooseByAddress, goOn };
const frames = new Frames(page);

link.addEventListener("frame", ({ detail }) => batch(() => frames[detail.type]?.(detail)));
link.addEventListener("up", () => {
  Object.assign(state, { connection: "", isClosed: false });
});
link.addEventListener("down", () => {
  state.connection = "Not connected. Trying again…";
});
link.addEventListener("refused", ({ detail: { status, reason } }) => {
  // Signed out on another page, or the token is no longer valid: the reload shows the sign-in page.
  if (status === 401) location.reload();
  else state.connection = reason;
  state.isClosed = true;
});
/** Those in the list, newest first. */
const conversations = computed(() =>
  [...state.listed.values()]
    .filter(({ id }) => !deletions.hidesConversation(id))
    .toSorted((a, b) => b.atMs - a.atMs),
);
const writing = {
  onSay: (text, files) => void say(text, files),
  onBegin: () => choose(newId()),
  onCommand: (command) => void sendCommand(command),
  onStop: () => stops.press(state.current, conversation()),
};
const findInMessages = (words) => void sendCommand({ name: "recall", argument: words });
render(html`<${Toasts} /><${AskDialog} /><${ShortcutSheet} />`, find("dialogs"));
render(html`<${Composer} handlers=${writing} />`, find("writing"));
render(html`<${ListToggle} />`, find("list-toggle"));
render(
  html`<${Sidebar} conversations=${conversations} onNew=${beginNew} onFind=${findInMessages} />`,
  find("side"),
);
effect(() => {
  find("connection").textContent = state.connection;
  document.body.classList.toggle("closed", state.isClosed);
  find("demo").hidden = !state.isDemo;
});

// --- Actions of the person ----------------------------------------------------------------------------

/** Without what the page shows of its files until the server does. */
function forServer(frame) {
  const sent = { ...frame };
  delete sent.shown;
  return sent;
}

/** Sends a frame about the shown conversation, now or on reconnection. */
function send(frame) {
  if (state.current === "") choose(newId());
  outbox.add({ id: newId(), conversation: state.current, ...frame });
  show();
  if (["say", "command", "press"].includes(frame.type)) scrollToEnd();
}

/** A mistyped command is not sent as text without asking: the model would claim to have run it. */
async function say(text, files) {
  const { current } = state;
  const choice = await resolveText(
    text,
    state.commands.map(({ name }) => name),
  );
  if (files.length > 0 && choice?.text === undefined) restoreFiles(current, files);
  if (choice === undefined) restoreText(text);
  else if (choice.command !== undefined) await sendCommand(choice.command);
  else
    send({
      type: "say",
      text,
      ...(files.length === 0 ? {} : { files: files.map(({ id }) => id), shown: files }),
    });
}

async function sendCommand(command) {
  const confirmedCommand = await confirmCommand(command);
  if (confirmedCommand === undefined) return;
  const { name, argument } = confirmedCommand;
  const words = argument.toLowerCase().split(/\s+/u);
  if (name === "reset") conversation().dropButtons();
  if (name === "forget" && words.includes("yes")) dropQuotesOf(words);
  send({ type: "command", name, argument });
}

/** A button of an offer was pressed; the offer has already asked for confirmation. */
function press({ id, name, argument, value }) {
  conversation().dropButtons({ id });
  if (name === "forget" && argument.includes("yes")) dropQuotesOf(argument.split(" "));
  // The line may come from a replica of an older version.
  if (value === undefined) send({ type: "command", id, name, argument });
  else send({ type: "press", id, action: "give-command", on: id, value });
}

/** Removes lines that may quote what is being erased. */
function dropQuotesOf(words) {
  state.forgettingAtMs = Date.now();
  if (words.includes("me")) dropQuotes();
  else conversation().dropLinesBefore(Date.now());
  log.announce("");
}

async function edit(message) {
  // Editing an answered message asks again, unless it is from before a reset.
  const isAnswered = message.ordinal !== undefined && (message.chapter ?? 0) >= conversation().since;
  const choices = [{ value: "save", label: isAnswered ? "Save and ask again" : "Save" }];
  const changed = await askForText("Edit your message", { text: message.text, isLong: true, choices });
  if (changed === undefined || changed.text === "" || changed.text === message.text) return;
  state.forgettingAtMs = Date.now();
  send({ type: "edit", message: message.id, text: changed.text });
}

async function renameCurrent() {
  const named = await askForText("Name this conversation", {
    text: state.listed.get(state.current)?.title ?? "",
  });
  if (named?.text) send({ type: "rename", title: named.text });
}

async function removeCurrent() {
  if (await deletions.removeConversation(state.current)) choose(newId());
}

/** Shows a conversation, and scrolls to `message` if it is given. */
function choose(id, message) {
  if (parseAddress(location.hash).conversation !== id) history.replaceState(undefined, "", `#${id}`);
  state.current = id;
  state.isFresh = true;
  loader.begin(message);
  link.send({ type: "open", conversation: id });
  beginDraft(id);
  closeList();
  show();
}

function chooseByAddress() {
  const { conversation: id, message } = parseAddress(location.hash);
  choose(id ?? newId(), message);
}

function beginNew() {
  const id = newId();
  // Browser history keeps the previous conversation. Waiting for `hashchange` would lose what is typed in the meantime.
  goTo(`#${id}`);
  choose(id);
  focusField();
}

document.querySelector(".skip").addEventListener("click", (event) => {
  // The hash `#text` would be read as a conversation.
  event.preventDefault();
  focusField();
});
find("rename").addEventListener("click", () => void renameCurrent());
find("remove").addEventListener("click", () => void removeCurrent());
addEventListener("hashchange", chooseByAddress);
log.onMessageLink((address) => {
  if (location.hash !== address) history.pushState(undefined, "", address);
  chooseByAddress();
});
log.onNearTop(onMore);
log.onPress((action) => {
  if (isReplyAction(action)) void replies.press(action);
  else send({ type: "press", action: action.id, on: action.on, value: action.value });
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) show();
});

// --- Display ---------------------------------------------------------------------------------------------

function goOn() {
  if (!loader.goOn(state.current, conversation())) return;
  conversation().addLine("fault", "That message isn't in this conversation. It may have been deleted.");
  show();
  scrollToEnd();
}

function show() {
  const { current, listed } = state;
  const waiting = outbox.frames.filter(({ type, conversation: id }) => type === "say" && id === current);
  if (!document.hidden) markUnread(current, false);
  log.showLog(conversation(), waiting, {
    actions,
    onMore,
    onCommand: (command) => void (command.id === undefined ? sendCommand(command) : press(command)),
    isHidden: ({ id }) => deletions.hidesMessage(id),
  });
  const title = titleOf(current);
  find("title").textContent = title;
  document.title = `${title} · Threadkeeper`;
  find("actions").hidden = !listed.has(current);
}

function onMore() {
  loader.loadMore(state.current, conversation());
}

function actions(message) {
  return {
    onEdit: () => edit(message),
    onDelete: () => deletions.removeMessage(message, state.current),
  };
}

listenToKeys(
  shortcutActions({
    conversations,
    begin: beginNew,
    stop: writing.onStop,
    edit,
    isHidden: ({ id }) => deletions.hidesMessage(id),
  }),
);
if (parseAddress(location.hash).conversation !== undefined) chooseByAddress();

import { restoreFiles } from "../composer/attachments.js";
import { confirmCommand, resolveText } from "../composer/confirm-command.js";
import { restoreText } from "../composer/draft.js";
import { askForText } from "../dialog/ask.js";
import { announce } from "../log/announcer.js";
import { scrollToEnd } from "../log/follow-end.js";
import { isReplyAction } from "../log/reply-actions.js";
import { choose } from "./choose.js";
import * as deletions from "./deletions.js";
import * as outbox from "./outbox.js";
import { pressReply } from "./reply-presses.js";
import { conversation, dropQuotes, newId, state } from "./state.js";
import * as stops from "./stops.js";

/** Sends a frame about the shown conversation, now or on reconnection. */
function send(frame) {
  if (state.current === "") choose();
  outbox.add({ id: newId(), conversation: state.current, ...frame });
  if (["say", "command", "press"].includes(frame.type)) scrollToEnd();
}

/** A mistyped command is not sent as text without asking: the model would claim to have run it. */
export async function say(text, files) {
  const { current, commands } = state;
  const names = commands.map(({ name }) => name);
  const choice = await resolveText(text, names);
  if (files.length > 0 && choice?.text === undefined) restoreFiles(current, files);
  if (choice === undefined) restoreText(text);
  else if (choice.command !== undefined) await sendCommand(choice.command);
  else if (files.length === 0) send({ type: "say", text });
  else send({ type: "say", text, files: files.map(({ id }) => id), shown: files });
}

export async function sendCommand(command) {
  const confirmedCommand = await confirmCommand(command);
  if (confirmedCommand === undefined) return;
  const { name, argument } = confirmedCommand;
  if (name === "reset") conversation().dropButtons();
  dropQuotesOf(confirmedCommand);
  send({ type: "command", name, argument });
}

/** A button of a line was pressed. */
export async function takeOffer(command) {
  const { id, name, argument, value } = command;
  if (id === undefined) return sendCommand(command);
  // The offer has already asked for confirmation.
  conversation().dropButtons(id);
  dropQuotesOf(command);
  // The line may come from a replica of an older version.
  if (value === undefined) send({ type: "command", id, name, argument });
  else send({ type: "press", id, action: "give-command", on: id, value });
}

/** A button under an answer was pressed. */
export function press(action) {
  if (isReplyAction(action)) void pressReply(action);
  else send({ type: "press", action: action.id, on: action.on, value: action.value });
}

export function stop() {
  stops.press(state.current, conversation());
}

/** Removes lines that may quote what the command erases. */
function dropQuotesOf({ name, argument }) {
  const words = argument.toLowerCase().split(/\s+/u);
  if (name !== "forget" || !words.includes("yes")) return;
  state.forgettingAtMs = Date.now();
  if (words.includes("me")) dropQuotes();
  else conversation().dropLinesBefore(Date.now());
  announce("");
}

export async function edit(message) {
  // Editing an answered message asks again, unless it is from before a reset.
  const isAnswered = message.ordinal !== undefined && (message.chapter ?? 0) >= conversation().since;
  const choices = [{ value: "save", label: isAnswered ? "Save and ask again" : "Save" }];
  const changed = await askForText("Edit your message", { text: message.text, isLong: true, choices });
  if (changed === undefined || changed.text === "" || changed.text === message.text) return;
  state.forgettingAtMs = Date.now();
  send({ type: "edit", message: message.id, text: changed.text });
}

export async function renameCurrent() {
  const text = state.listed.get(state.current)?.title ?? "";
  const named = await askForText("Name this conversation", { text });
  if (named?.text) send({ type: "rename", title: named.text });
}

export async function removeCurrent() {
  if (await deletions.removeConversation(state.current)) choose();
}

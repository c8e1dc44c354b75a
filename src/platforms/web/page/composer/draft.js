import { signal } from "@preact/signals";

import { attachedFiles, loadFiles } from "./attachments.js";
import { stopRecording } from "./recorder.js";

const keyOf = (conversation) => `threadkeeper.draft.${conversation}`;
/** The conversation of the draft. Empty until one is chosen. */
let drafted = "";

/** What is in the message box; at first, what was typed before the scripts were loaded. */
export const typed = signal(document.querySelector("#text").value);
/** A line about files, for all and for screen readers. Empty: none. */
export const fileLine = signal("");
/** The message is sent as soon as its files are uploaded. */
export const isDue = signal(false);

/** Changes what is in the message box. It outlasts a reload. */
export function setTyped(text) {
  typed.value = text;
  if (text === "") localStorage.removeItem(keyOf(drafted));
  else localStorage.setItem(keyOf(drafted), text);
}

/** Switches to a conversation's draft. Text typed before any was chosen stays. */
export function beginDraft(conversation) {
  const early = drafted === "" ? typed.value : "";
  if (early !== "") localStorage.removeItem(keyOf(drafted));
  drafted = conversation;
  setTyped(early || (localStorage.getItem(keyOf(conversation)) ?? ""));
  isDue.value = false;
  fileLine.value = "";
  stopRecording("drop");
  loadFiles(conversation);
}

/** Puts a text that was not sent back into the message box. */
export function restoreText(text) {
  setTyped(typed.value || text);
  focusField();
}

/** True if there is nothing to send. */
export function isEmpty() {
  return typed.value.trim() === "" && attachedFiles().length === 0;
}

export function focusField() {
  document.querySelector("#text").focus();
}

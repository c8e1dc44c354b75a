import { untracked } from "@preact/signals";

import { say, sendCommand } from "../state/actions.js";
import { choose } from "../state/choose.js";
import { state } from "../state/state.js";
import { addFiles, attachedFiles, takeFiles } from "./attachments.js";
import { commandIn } from "./command-choice.js";
import { fileLine, isDue, isEmpty, setTyped, typed } from "./draft.js";

/** Sends what is in the message box. */
export function sendDraft() {
  if (isEmpty()) return;
  const text = typed.value;
  const command = commandIn(text.trim());
  if (command === undefined && !areFilesReady()) return;
  setTyped("");
  // A command takes no files: they wait for the next message.
  if (command === undefined) void say(text, takeFiles());
  else void sendCommand(command);
}

/** Sends a message that has waited for its files. */
export function sendWhenDue() {
  if (!isDue.value || hasFile("waiting", "sending")) return;
  untracked(() => {
    isDue.value = false;
    fileLine.value = "";
    if (!hasFile("failed")) sendDraft();
  });
}

/** Attaches files to the message. */
export function attachFiles(files) {
  if (files.length === 0) return;
  if (state.current === "") choose();
  const left = addFiles(files);
  fileLine.value = left === 0 ? "" : `A message may have 5 files. I left ${left} out.`;
}

/** A message with a file that failed is not sent without it. */
function areFilesReady() {
  const hasFailed = hasFile("failed");
  isDue.value = !hasFailed && hasFile("waiting", "sending");
  if (hasFailed) fileLine.value = "A file couldn't be uploaded. Try again, or remove it.";
  else if (isDue.value) fileLine.value = "Your message is sent as soon as its files are uploaded.";
  return !hasFailed && !isDue.value;
}

function hasFile(...statuses) {
  return attachedFiles().some(({ status }) => statuses.includes(status));
}

import { html } from "htm/preact";

import { copyToClipboard } from "../common/copy-text.js";
import { attachedFiles } from "../composer/attachments.js";
import { openMenu } from "../composer/command-choice.js";
import { focusField, setTyped, typed } from "../composer/draft.js";
import { show } from "../dialog/ask.js";
import { showToast } from "../dialog/toasts.js";
import { isListOpen, openList } from "../sidebar/drawer.js";
import { edit, stop } from "../state/actions.js";
import { beginNew } from "../state/choose.js";
import { conversations, hidesMessage } from "../state/deletions.js";
import { conversation, state } from "../state/state.js";
import { ShortcutSheet } from "./shortcut-sheet.js";

/** All shortcuts. `act(event)` returns false if it has nothing to do now. Those of one key can be switched off (WCAG 2.1.4). */
export const shortcuts = [
  { keys: ["Mod+Shift+O"], text: "New conversation", act: beginNew },
  { keys: ["Mod+K"], text: "Search conversations", act: findConversation },
  { keys: ["Alt+ArrowUp"], text: "Previous conversation in the list", act: () => go(-1) },
  { keys: ["Alt+ArrowDown"], text: "Next conversation in the list", act: () => go(1) },
  { keys: ["/"], text: "Go to the message box, for a message or command", act: write },
  { keys: ["ArrowUp"], text: "Edit your last message (in an empty message box)", act: editLast },
  { keys: ["Mod+Shift+C"], text: "Copy the last answer", act: copy },
  { keys: ["Escape"], text: "Close what is open, or stop the answer", act: stopAnswer },
  { keys: ["Mod+/", "?"], text: "Show these shortcuts", act: showShortcuts },
];

export function showShortcuts() {
  show("Keyboard shortcuts", html`<${ShortcutSheet} shortcuts=${shortcuts} />`);
}

function findConversation() {
  openList();
  // A list that opens is visible with the next frame.
  requestAnimationFrame(() => document.querySelector("#find").select());
}

function go(step) {
  const ids = conversations.value.map(({ id }) => id);
  const id = ids[ids.indexOf(state.current) + step];
  if (id === undefined) return false;
  location.hash = id;
}

/** Not while the list covers the message box. */
function write() {
  if (isListOpen.value) return false;
  if (typed.value === "") setTyped("/");
  focusField();
  openMenu();
}

function editLast({ target }) {
  const isElsewhere = target.id !== "text" || typed.value !== "" || attachedFiles().length > 0;
  const last = conversation().messages.findLast((each) => each.role === "user" && !hidesMessage(each));
  if (isElsewhere || last === undefined) return false;
  void edit(last);
}

function copy() {
  const answer = conversation().messages.findLast(({ role }) => role === "assistant");
  if (answer === undefined) return false;
  void copyToClipboard(answer.text).then((isCopied) =>
    showToast(isCopied ? "Answer copied" : "Can't copy here. Select the text instead."),
  );
}

function stopAnswer({ target }) {
  // Escape empties a search field.
  if (!conversation().isBusy || (target.type === "search" && target.value !== "")) return false;
  stop();
}

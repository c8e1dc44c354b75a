import { copyToClipboard } from "../common/copy-text.js";
import { attachedFiles } from "../composer/attachments.js";
import { openMenu } from "../composer/command-choice.js";
import { focusField, setTyped, typed } from "../composer/draft.js";
import { showToast } from "../dialog/toasts.js";
import { isListOpen, openList } from "../sidebar/drawer.js";
import { edit, stop } from "../state/actions.js";
import { beginNew } from "../state/choose.js";
import { conversations, hidesMessage } from "../state/deletions.js";
import { conversation, state } from "../state/state.js";
import { isSheetOpen } from "./shortcut-sheet.js";

/** What shortcuts do: see `listenToKeys`. */
export const shortcutActions = {
  begin: beginNew,
  find: findConversation,
  previous: () => go(-1),
  next: () => go(1),
  write,
  editLast({ target }) {
    const isElsewhere = target.id !== "text" || typed.value !== "" || attachedFiles().length > 0;
    const last = conversation().messages.findLast((each) => each.role === "user" && !hidesMessage(each));
    if (isElsewhere || last === undefined) return false;
    void edit(last);
  },
  copy,
  stop({ target }) {
    // Escape empties a search field.
    if (!conversation().isBusy || (target.type === "search" && target.value !== "")) return false;
    stop();
  },
  help() {
    isSheetOpen.value = true;
  },
};

function go(step) {
  const ids = conversations.value.map(({ id }) => id);
  const id = ids[ids.indexOf(state.current) + step];
  if (id === undefined) return false;
  location.hash = id;
}

function findConversation() {
  openList();
  // A list that opens is visible with the next frame.
  requestAnimationFrame(() => document.querySelector("#find").select());
}

/** Returns false while the list covers the message box. */
function write() {
  if (isListOpen.value) return false;
  if (typed.value === "") setTyped("/");
  focusField();
  openMenu();
}

/** Returns false if there is no answer. */
function copy() {
  const answer = conversation().messages.findLast(({ role }) => role === "assistant");
  if (answer === undefined) return false;
  void copyToClipboard(answer.text).then((isCopied) =>
    showToast(isCopied ? "Answer copied" : "Can't copy here. Select the text instead."),
  );
}

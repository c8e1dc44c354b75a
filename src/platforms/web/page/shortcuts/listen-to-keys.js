import { isPressed, movesCaret } from "./keys.js";
import { hasSingleKeys } from "./shortcut-sheet.js";
import { shortcuts } from "./shortcuts.js";

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    const isTaken = event.defaultPrevented || event.isComposing || event.repeat;
    if (isTaken || document.querySelector("dialog[open]") !== null || movesCaret(event)) return;
    const pressed = shortcuts.find(({ keys }) => keys.some((each) => isMeant(each, event)));
    if (pressed !== undefined && pressed.act(event) !== false) event.preventDefault();
  });
}

/** A single character is a shortcut only where it isn't text. */
function isMeant(combination, event) {
  if (!isPressed(combination, event)) return false;
  if (combination.length > 1) return true;
  return hasSingleKeys.value && event.target.closest("input, textarea, select, [contenteditable]") === null;
}

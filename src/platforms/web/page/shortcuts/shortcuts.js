import { signal } from "@preact/signals";

import { isPressed, movesCaret } from "./keys.js";

const storedKey = "threadkeeper.single-keys";

/** All shortcuts. `action`: what it does, by name. Those of one key can be switched off (WCAG 2.1.4). */
export const shortcuts = [
  { action: "begin", keys: ["Mod+Shift+O"], text: "New conversation" },
  { action: "find", keys: ["Mod+K"], text: "Search conversations" },
  { action: "previous", keys: ["Alt+ArrowUp"], text: "Previous conversation in the list" },
  { action: "next", keys: ["Alt+ArrowDown"], text: "Next conversation in the list" },
  { action: "write", keys: ["/"], text: "Go to the message box, for a message or command" },
  { action: "editLast", keys: ["ArrowUp"], text: "Edit your last message (in an empty message box)" },
  { action: "copy", keys: ["Mod+Shift+C"], text: "Copy the last answer" },
  { action: "stop", keys: ["Escape"], text: "Close what is open, or stop the answer" },
  { action: "help", keys: ["Mod+/", "?"], text: "Show these shortcuts" },
];

/** Whether shortcuts of one key work. */
export const hasSingleKeys = signal(localStorage.getItem(storedKey) !== "off");

export function setSingleKeys(isOn) {
  hasSingleKeys.value = isOn;
  localStorage.setItem(storedKey, isOn ? "on" : "off");
}

/** Listens to keys. `actions`: functions by name; each returns false if it has nothing to do now. */
export function listenToKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const isTaken = event.defaultPrevented || event.isComposing || event.repeat;
    if (isTaken || document.querySelector("dialog[open]") !== null || movesCaret(event)) return;
    const pressed = shortcuts.find(({ keys }) => keys.some((each) => isMeant(each, event)));
    if (pressed !== undefined && actions[pressed.action](event) !== false) event.preventDefault();
  });
}

/** A single character is a shortcut only where it isn't text. */
function isMeant(combination, event) {
  if (!isPressed(combination, event)) return false;
  if (combination.length > 1) return true;
  return hasSingleKeys.value && event.target.closest("input, textarea, select, [contenteditable]") === null;
}

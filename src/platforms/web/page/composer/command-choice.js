import { computed, signal } from "@preact/signals";

import { state } from "../state/state.js";
import { focusField, setTyped, typed } from "./draft.js";
import { parseCommand } from "./parse-command.js";

const isOpen = signal(false);
const at = signal(0);

/** The commands in the menu; empty while it is closed. */
export const offered = computed(() => {
  const [, begun] = /^\/(\w*)$/u.exec(typed.value) ?? [];
  if (!isOpen.value || begun === undefined) return [];
  return state.commands.filter(({ name }) => name.startsWith(begun.toLowerCase()));
});
/** The one that Enter takes. */
export const chosen = computed(() => offered.value[at.value] ?? offered.value[0]);

/** After the person typed. */
export function openMenu() {
  at.value = 0;
  isOpen.value = true;
}

export function closeMenu() {
  isOpen.value = false;
}

/** Handles a key. Returns whether it was for the menu. */
export function menuTakes({ key, shiftKey }) {
  const count = offered.value.length;
  if (count === 0) return false;
  const { name, text: free } = chosen.value;
  const isWhole = typed.value.slice(1).toLowerCase() === name;
  if (key === "ArrowDown") at.value = (at.value + 1) % count;
  else if (key === "ArrowUp") at.value = (at.value + count - 1) % count;
  else if (key === "Escape") closeMenu();
  else if (key === "Tab" && !shiftKey) complete(name);
  else if (key === "Enter" && !shiftKey && !(isWhole && free?.isRequired !== true)) complete(name);
  else return false;
  return true;
}

/** Puts a command before what is typed. */
export function complete(name) {
  setTyped(`/${name} ${typed.value.startsWith("/") ? "" : typed.value}`);
  focusField();
}

export function findCommand(name) {
  return state.commands.find((command) => command.name === name.toLowerCase());
}

/** The command in a text, with its argument as typed. Undefined: none. */
export function commandIn(text) {
  const { name = "", argument } = parseCommand(text) ?? {};
  const command = findCommand(name);
  return command && { name: command.name, argument };
}

/** How to type a command: "/recall <words> [share]". */
export function patternOf({ name, text: free, options }) {
  const words = free === undefined ? [] : [free.isRequired ? `<${free.name}>` : `[${free.name}]`];
  return [`/${name}`, ...words, ...options.map(({ word }) => `[${word}]`)].join(" ");
}

import { effect, signal } from "@preact/signals";

/** The state of the browser-history entry for the open list. */
const openState = "list";

/** A wide page shows the list beside the log. */
const wide = matchMedia("(min-width: 44.01rem)");

/** Whether the list lies over the page, which happens on narrow ones only. */
export const isListOpen = signal(false);

/** Opens the list, where it isn't shown all the time. */
export function openList() {
  if (wide.matches || isListOpen.value) return;
  // The browser's Back closes the list.
  history.pushState(openState, "");
  isListOpen.value = true;
}

export function closeList() {
  isListOpen.value = false;
  if (history.state === openState) history.back();
}

/** Goes to an address. The open list leaves no entry in the browser history. */
export function goTo(address) {
  if (history.state === openState) history.replaceState(undefined, "", address);
  else history.pushState(undefined, "", address);
}

/** Follows a link in the list, in place of the open list's entry. */
export function followLink(event) {
  const link = event.target.closest("a");
  const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
  if (link === null || isElsewhere || history.state !== openState) return;
  event.preventDefault();
  if (link.hash === location.hash) closeList();
  else location.replace(link.href);
}

effect(() => {
  for (const each of document.querySelectorAll("main, .skip")) each.inert = isListOpen.value;
});
addEventListener("popstate", () => {
  isListOpen.value = history.state === openState;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !isListOpen.value || document.querySelector("dialog[open]") !== null) return;
  event.preventDefault();
  closeList();
});
// After a reload the list is closed.
if (history.state === openState) history.replaceState(undefined, "");
wide.addEventListener("change", closeList);

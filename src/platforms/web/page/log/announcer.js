import { signal } from "@preact/signals";
import { html } from "htm/preact";

import { screenReaderText } from "./screen-reader-text.js";

/** The announced text, as Markdown, and in words. */
let announced = "";
const words = signal("");

/** Has screen readers say a text once, without Markdown. Answers are announced when complete. */
export function announce(markdown) {
  announced = markdown;
  words.value = "";
  if (markdown === "") return;
  // In a task of its own, after the drawing.
  setTimeout(() => {
    if (announced === markdown) words.value = screenReaderText(markdown);
  });
}

/** Clears the announcement of a text that is no longer shown. */
export function clearStaleAnnouncement({ messages, lines }) {
  if (![...messages, ...lines].some(({ text }) => text === announced)) announce("");
}

export function Announcer() {
  return html`<div id="announcer" class="unseen" aria-live="polite">${words.value}</div>`;
}

import { html } from "htm/preact";

import { Time } from "../common/time.js";
import { exactTime } from "../common/times.js";

const names = { user: "You", assistant: "Threadkeeper" };

/** The speaker and the time. `atMs` undefined: the message is not stored yet. */
export function Who({ role, atMs }) {
  const unsent = role === "user" ? " · not sent yet" : "";
  return html`<p class="who">
    ${names[role]}${atMs === undefined ? unsent : html` · <${Time} atMs=${atMs} />`}
  </p>`;
}

/** A message's label for screen readers. */
export function nameOf(role, atMs) {
  if (atMs !== undefined) return `${names[role]}, ${exactTime(atMs)}`;
  return role === "user" ? "You, not sent yet" : names[role];
}

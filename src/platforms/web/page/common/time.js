import { signal } from "@preact/signals";
import { html } from "htm/preact";

import { exactTime, shortTime } from "./times.js";

const everyMs = 30_000;
const nowMs = signal(Date.now());
setInterval(() => (nowMs.value = Date.now()), everyMs);

/** A time that updates itself; its tooltip is the exact time. */
export function Time({ atMs }) {
  const shown = shortTime(atMs, Math.max(nowMs.value, atMs));
  return html`<time datetime=${new Date(atMs).toISOString()} title=${exactTime(atMs)}>${shown}</time>`;
}

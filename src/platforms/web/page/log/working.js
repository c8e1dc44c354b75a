import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";

const slowMs = 12_000;
const verySlowMs = 60_000;
const everyMs = 1_000;

/** The line in the place of the coming answer. `work`: see `Conversation.work`. */
export function Working({ work }) {
  const nowMs = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (nowMs.value = Date.now()), everyMs);
    return () => clearInterval(timer);
  }, []);
  return html`
    <div class="working">
      <span class="dots" aria-hidden="true">•••</span>
      <span class="line">${lineFor(work, nowMs.value - work.sinceMs)}</span>
    </div>
  `;
}

function lineFor({ words, makes }, ms) {
  if (ms > verySlowMs) return "Still no answer. Keep waiting, or press Stop.";
  if (makes === "image") return "Making an image …";
  if (words !== undefined) return `Looking up “${words}” …`;
  return ms > slowMs ? "Still thinking …" : "Thinking …";
}

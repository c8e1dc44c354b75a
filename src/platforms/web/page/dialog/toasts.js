import { signal } from "@preact/signals";
import { html } from "htm/preact";

const tickMs = 250;
const briefMs = 4_000;
/** The messages on show: { text, onUndo }. */
const shown = signal([]);

/** Shows a message for some seconds. */
export function showToast(text) {
  const close = show({ text });
  setTimeout(close, briefMs);
}

/** Shows a message with an Undo button for `forMs`, longer while it is in use. `isOver()`: it can no longer be undone. */
export function offerUndo(text, { forMs, isOver, onUndo, onOver }) {
  let leftMs = forMs;
  const timer = setInterval(() => {
    if (document.querySelector(".toast:is(:hover, :focus-within)") === null) leftMs -= tickMs;
    if (leftMs <= 0 || isOver()) end(onOver);
  }, tickMs);
  const remove = show({ text, onUndo: () => end(onUndo) });
  const end = (then) => {
    clearInterval(timer);
    remove();
    then();
  };
}

/** Returns what removes it. */
function show(toast) {
  shown.value = [...shown.value, toast];
  return () => {
    shown.value = shown.value.filter((each) => each !== toast);
  };
}

export function Toasts() {
  return html`
    <div id="toasts" role="status">
      ${shown.value.map(
        (toast) => html`
          <div class="toast" key=${toast}>
            <span>${toast.text}</span>
            ${toast.onUndo && html`<button type="button" onClick=${toast.onUndo}>Undo</button>`}
          </div>
        `,
      )}
    </div>
  `;
}

import { signal } from "@preact/signals";
import { html } from "htm/preact";

const tickMs = 250;
/** The messages on show: { text, onPress }. */
const shown = signal([]);

/**
 * Shows a message with an Undo button for `forMs`, longer while the pointer or focus is on one. `isOver()`: it can no
 * longer be undone.
 */
export function offerUndo(text, { forMs, isOver, onUndo, onOver }) {
  let leftMs = forMs;
  const close = () => {
    clearInterval(timer);
    shown.value = shown.value.filter((each) => each !== toast);
  };
  const timer = setInterval(() => {
    if (document.querySelector(".toast:is(:hover, :focus-within)") === null) leftMs -= tickMs;
    if (leftMs > 0 && !isOver()) return;
    close();
    onOver();
  }, tickMs);
  const toast = {
    text,
    onPress: () => {
      close();
      onUndo();
    },
  };
  shown.value = [...shown.value, toast];
}

export function Toasts() {
  return html`
    <div id="toasts" role="status">
      ${shown.value.map(
        (toast) => html`
          <div class="toast" key=${toast}>
            <span>${toast.text}</span>
            <button type="button" onClick=${toast.onPress}>Undo</button>
          </div>
        `,
      )}
    </div>
  `;
}

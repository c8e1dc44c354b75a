const place = document.querySelector("#toasts");
const tickMs = 250;

/**
 * Shows a message with an Undo button for `forMs`, longer while the pointer or focus is on it. `isOver()`: it can no
 * longer be undone.
 */
export function offerUndo(text, { forMs, isOver, onUndo, onOver }) {
  const node = document.createElement("div");
  node.className = "toast";
  const line = document.createElement("span");
  line.textContent = text;
  const undo = document.createElement("button");
  undo.type = "button";
  undo.textContent = "Undo";
  node.append(line, undo);
  place.append(node);
  let leftMs = forMs;
  const timer = setInterval(() => {
    if (!node.matches(":hover, :focus-within")) leftMs -= tickMs;
    if (leftMs > 0 && !isOver()) return;
    close();
    onOver();
  }, tickMs);
  const close = () => {
    clearInterval(timer);
    node.remove();
  };
  undo.addEventListener("click", () => {
    close();
    onUndo();
  });
}

const place = document.querySelector("#toasts");
const everyMs = 250;

/**
 * Says that something was done, with a button to undo it for so long; longer while the pointer or the focus is there.
 * `isOver`: it can't be undone any more.
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
    if (!node.matches(":hover, :focus-within")) leftMs -= everyMs;
    if (leftMs > 0 && !isOver()) return;
    close();
    onOver();
  }, everyMs);
  const close = () => {
    clearInterval(timer);
    node.remove();
  };
  undo.addEventListener("click", () => {
    close();
    onUndo();
  });
}

/** Message node → its actions, as JSON. */
const shown = new WeakMap();

/**
 * Shows the buttons under an answer, if they have changed. A press is an event `press-action` of the button, with the action
 * as its detail.
 */
export function showActions(node, actions = []) {
  const key = JSON.stringify(actions);
  if (key === (shown.get(node) ?? "[]")) return;
  shown.set(node, key);
  const before = node.querySelector(":scope > .choices");
  const hadFocus = before?.contains(document.activeElement) === true;
  before?.remove();
  if (actions.length > 0) node.querySelector(".body").after(groupOf(actions));
  if (!hadFocus) return;
  // Keyboards go on at the message, not at the top of the page.
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

function groupOf(actions) {
  const node = document.createElement("div");
  node.className = "choices";
  node.role = "group";
  node.ariaLabel = "Answer Threadkeeper";
  node.append(...actions.map(buttonOf));
  return node;
}

function buttonOf(action) {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = action.label;
  node.classList.toggle("main-action", action.emphasis === "primary");
  node.classList.toggle("final-action", action.emphasis === "danger");
  node.addEventListener("click", () => {
    node.dispatchEvent(new CustomEvent("press-action", { bubbles: true, detail: action }));
  });
  return node;
}

import { makeToolbar, setStop } from "../composer/toolbar.js";

/** The buttons of a finished reply, in their order. `name`: for screen readers; missing: the label. */
const kinds = {
  continue: { label: "Continue" },
  regenerate: { label: "Regenerate" },
  "thumbs-up": { label: "👍", name: "Good answer", isVerdict: true },
  "thumbs-down": { label: "👎", name: "Bad answer", isVerdict: true },
};
/** The turn that made a reply → the action of the person's verdict. */
const verdicts = new Map();

/** Whether an action is that of a finished reply. */
export function isReplyAction({ id }) {
  return Object.hasOwn(kinds, id);
}

export function verdictOn(on) {
  return verdicts.get(on);
}

export function showVerdict(on, action) {
  if (verdicts.get(on) === action) return;
  verdicts.set(on, action);
  for (const node of document.querySelectorAll(`.tools [data-on="${CSS.escape(on)}"]`)) showPressed(node);
}

/**
 * Shows the buttons of a reply in its node. Buttons stay the same nodes, so that they keep the focus. A press is an event
 * `press-action` of the button. `isAgain`: the reply is being given again, so its buttons wait.
 */
export function showReplyButtons(node, message) {
  const { isRunning = false, again: isAgain = false } = message;
  const bar = node.querySelector(":scope > .tools");
  const before = [...bar.querySelectorAll("[data-action]")];
  const actions = actionsOf(message);
  // While a reply is given again, those of the old one stay, and wait.
  const isWaiting = isAgain || (isRunning && actions.length === 0);
  node.classList.toggle("again", isWaiting && before.length + actions.length > 0);
  if (isRunning && actions.length === 0) {
    for (const each of before) each.ariaDisabled = "true";
    return;
  }
  let next = bar.firstElementChild;
  for (const { id, on } of actions) {
    const button = before.find(({ dataset }) => dataset.action === id) ?? buttonOf(id);
    button.dataset.on = on;
    button.textContent = message.role === "notice" ? noticeLabel(isAgain) : kinds[id].label;
    button.ariaDisabled = isWaiting && !kinds[id].isVerdict ? "true" : null;
    showPressed(button);
    if (button === next) next = next.nextElementSibling;
    else bar.insertBefore(button, next);
  }
  for (const each of before) if (!actions.some(({ id }) => id === each.dataset.action)) each.remove();
  bar.hidden = bar.childElementCount === 0;
  if (!bar.hidden) setStop(bar, bar.querySelector("[tabindex='0']") ?? bar.firstElementChild);
}

/** The bar below a message. Its buttons are one Tab stop. */
export function replyBar() {
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.role = "toolbar";
  bar.ariaLabel = "This answer";
  makeToolbar(bar);
  bar.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-action]");
    if (button === null || button.ariaDisabled === "true") return;
    const { action: id, on } = button.dataset;
    button.dispatchEvent(new CustomEvent("press-action", { bubbles: true, detail: { id, on } }));
  });
  return bar;
}

/** `isOld`: memory no longer holds what an answer needs. */
function actionsOf({ role, on, cut: isCut = false, isOld = false, isRunning = false, actions = [] }) {
  if (isRunning) return actions.filter(isReplyAction);
  if (on === undefined) return [];
  const ids = [];
  if (isCut && !isOld) ids.push("continue");
  if (!isOld) ids.push("regenerate");
  if (role === "assistant") ids.push("thumbs-up", "thumbs-down");
  return ids.map((id) => ({ id, on }));
}

function noticeLabel(isAgain) {
  return isAgain ? "Trying again…" : "Try again";
}

function buttonOf(id) {
  const { name, isVerdict = false } = kinds[id];
  const node = document.createElement("button");
  node.type = "button";
  node.dataset.action = id;
  node.classList.toggle("main-action", id === "continue");
  if (name !== undefined) Object.assign(node, { title: name, ariaLabel: name });
  if (isVerdict) node.ariaPressed = "false";
  return node;
}

function showPressed(button) {
  const { action, on } = button.dataset;
  if (kinds[action].isVerdict) button.ariaPressed = String(verdicts.get(on) === action);
}

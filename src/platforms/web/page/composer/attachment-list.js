import { sizeOf } from "../common/size-of.js";

const list = document.querySelector("#attached");
const status = document.querySelector("#attached-status");
/** File → { node, update(file) }. */
const drawn = new WeakMap();

/** Draws the files that wait for their message. `onRemove(file)`, `onRetry(file)`: their buttons were pressed. */
export function showAttachments(files, handlers) {
  list.hidden = files.length === 0;
  const nodes = files.map((file) => {
    if (!drawn.has(file)) drawn.set(file, drawFile(file, handlers));
    const { node, update } = drawn.get(file);
    update();
    return node;
  });
  for (const node of Array.from(list.children)) if (!nodes.includes(node)) node.remove();
  for (const [index, node] of nodes.entries())
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
}

/** Says a line about files, to all and to screen readers. Empty: nothing more to say. */
export function sayAboutFiles(line) {
  status.textContent = line;
  status.hidden = line === "";
}

function drawFile(file, { onRemove, onRetry }) {
  const node = document.createElement("li");
  const name = span("name", file.name);
  name.dir = "auto";
  name.title = file.name;
  const detail = span("detail", "");
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", `Uploading ${file.name}`);
  const retry = button("Try again", `Try again: ${file.name}`, () => onRetry(file));
  const remove = button("✕", `Remove ${file.name}`, () => {
    onRemove(file);
    document.querySelector("#text").focus();
  });
  node.append(name, detail, bar, retry, remove);
  const update = () => {
    const { state, share = 0, fault, isFinal = false, bytes } = file;
    node.className = state;
    bar.hidden = state !== "sending" && state !== "waiting";
    bar.value = share;
    const line = fault ?? sizeOf(bytes);
    if (detail.textContent !== line) detail.textContent = line;
    retry.hidden = state !== "failed" || isFinal;
  };
  return { node, update };
}

function span(kind, text) {
  const node = document.createElement("span");
  node.className = kind;
  node.textContent = text;
  return node;
}

function button(text, label, onClick) {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = text;
  node.setAttribute("aria-label", label);
  node.addEventListener("click", onClick);
  return node;
}

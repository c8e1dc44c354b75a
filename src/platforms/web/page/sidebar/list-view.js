import { exactTime, groupName } from "../common/times.js";

const find = (id) => document.querySelector(`#${id}`);
const [list, sidebar, toggle, scrim, field, noneFound, inMessages] = [
  "conversations",
  "sidebar",
  "show-list",
  "scrim",
  "find",
  "none-found",
  "find-in-messages",
].map(find);
/** The last shown conversations and marks. */
let shown = { conversations: [], current: "", marks: () => undefined };
/** The state of the browser-history entry for the open list. */
const openState = "list";
/** The rows of the built list, to skip unchanged rebuilds. */
let built = "";

/** The title of a conversation whose title was erased. */
export const untitled = "Untitled conversation";

/** Shows the conversations, newest first. `marks(id)`: "running", "new" or undefined. */
export function showList(conversations, current, marks) {
  shown = { conversations: [...conversations].toSorted((a, b) => b.atMs - a.atMs), current, marks };
  draw();
}

/** Calls `call(words)` to search in messages. */
export function onFindInMessages(call) {
  inMessages.addEventListener("click", () => {
    call(field.value.trim());
    field.value = "";
    draw();
    closeList();
  });
}

function draw() {
  const words = field.value.trim().toLowerCase();
  const found = shown.conversations.filter(({ title }) => titleOf(title).toLowerCase().includes(words));
  noneFound.hidden = words === "" || found.length > 0;
  inMessages.hidden = words === "";
  inMessages.textContent = `Search in messages for “${field.value.trim()}”`;
  const rows = found.map(({ id, title, atMs }) => ({
    id,
    title,
    atMs,
    group: groupName(atMs),
    mark: shown.marks(id),
    isCurrent: id === shown.current,
  }));
  const now = JSON.stringify(rows.map((row) => Object.values({ ...row, atMs: 0 })));
  if (now === built) return;
  built = now;
  // A title may change at any moment; keyboard focus stays on its row.
  const address = document.activeElement?.getAttribute("href");
  const hasFocus = list.contains(document.activeElement);
  list.replaceChildren(...grouped(rows));
  if (!hasFocus) return;
  const link = [...list.querySelectorAll("a")].find((each) => each.getAttribute("href") === address);
  link?.focus({ preventScroll: true });
}

function grouped(rows) {
  const nodes = [];
  let group;
  for (const row of rows) {
    if (row.group !== group) {
      ({ group } = row);
      const heading = document.createElement("h2");
      heading.textContent = group;
      nodes.push(heading, document.createElement("ul"));
    }
    nodes.at(-1).append(rowNode(row));
  }
  return nodes;
}

function rowNode({ id, title, atMs, mark, isCurrent }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#${id}`;
  link.dir = "auto";
  link.textContent = titleOf(title);
  link.title = `${link.textContent} · ${exactTime(atMs)}`;
  if (isCurrent) link.setAttribute("aria-current", "page");
  if (mark !== undefined) {
    link.dataset.mark = mark;
    const words = document.createElement("span");
    words.className = "unseen";
    words.textContent = mark === "new" ? " (new answer)" : " (answering)";
    link.append(words);
  }
  item.append(link);
  return item;
}

function titleOf(title) {
  return title === "" ? untitled : title;
}

export function closeList() {
  show(false);
  if (history.state === openState) history.back();
}

/** Goes to an address. The open list leaves no entry in the browser history. */
export function goTo(address) {
  if (history.state === openState) history.replaceState(undefined, "", address);
  else history.pushState(undefined, "", address);
}

function show(isOpen) {
  const wasOpen = sidebar.classList.contains("open");
  sidebar.classList.toggle("open", isOpen);
  scrim.hidden = !isOpen;
  for (const each of document.querySelectorAll("main, .skip")) each.inert = isOpen;
  toggle.setAttribute("aria-expanded", String(isOpen));
  if (wasOpen && !isOpen) toggle.focus();
}

field.addEventListener("input", draw);
toggle.addEventListener("click", () => {
  // The browser's Back closes the list.
  history.pushState(openState, "");
  show(true);
  find("new").focus();
});
addEventListener("popstate", () => show(history.state === openState));
list.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || history.state !== openState)
    return;
  event.preventDefault();
  if (link.hash === location.hash) closeList();
  else location.replace(link.href);
});
scrim.addEventListener("click", closeList);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && sidebar.classList.contains("open")) closeList();
});
// After a reload the list is closed.
if (history.state === openState) history.replaceState(undefined, "");
// A wide window shows the list beside the log.
matchMedia("(min-width: 44.01rem)").addEventListener("change", closeList);

const list = document.querySelector("#conversations");
const sidebar = document.querySelector("#sidebar");
const toggle = document.querySelector("#show-list");

/** What a conversation is called whose title is gone. */
export const untitled = "Untitled conversation";

/** Shows the conversations, newest first. */
export function showList(conversations, current) {
  const sorted = [...conversations].toSorted((a, b) => b.atMs - a.atMs);
  list.replaceChildren(
    ...sorted.map(({ id, title }) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `#${id}`;
      link.textContent = title === "" ? untitled : title;
      link.title = link.textContent;
      if (id === current) link.setAttribute("aria-current", "page");
      item.append(link);
      return item;
    }),
  );
}

export function closeList() {
  sidebar.classList.remove("open");
  toggle.setAttribute("aria-expanded", "false");
}

toggle.addEventListener("click", () => {
  const isOpen = sidebar.classList.toggle("open");
  toggle.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) document.querySelector("#new").focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !sidebar.classList.contains("open")) return;
  closeList();
  toggle.focus();
});

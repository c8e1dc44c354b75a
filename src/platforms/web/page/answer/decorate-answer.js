import { html, render } from "htm/preact";

import { CopyButton } from "../common/copy-button.js";
import { dayName } from "../common/times.js";

/** Only nodes that scroll sideways can be reached with Tab. */
const scrolling = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const directed = ":is(p,h1,h2,h3,h4,h5,h6,th,td,summary,dt,dd,caption):not([dir])";
/** `dir=auto` ignores parts with a direction of their own. */
const holding = ":is(ul,ol,li,blockquote,table,details,dl):not([dir])";
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Adds what an answer needs on a page: text direction, scrolling, labels, copy buttons. */
export function decorateAnswer(fragment) {
  for (const node of fragment.querySelectorAll(directed)) node.dir = "auto";
  for (const node of fragment.querySelectorAll(holding)) node.dir = directionOf(node);
  for (const item of fragment.querySelectorAll("li")) {
    item.classList.toggle("task", /^\s*[☐☑]/u.test(item.textContent));
  }
  for (const cell of fragment.querySelectorAll("td, th")) {
    cell.classList.toggle("number", /^[\d\s.,:;%+\-–−/()€$£¥]{1,40}$/u.test(cell.textContent));
  }
  for (const link of fragment.querySelectorAll("a[href^='#c/']")) {
    link.textContent = sourceName(link.textContent);
  }
  for (const table of fragment.querySelectorAll("table")) frameTable(table);
  for (const pre of fragment.querySelectorAll("pre:not(.as-it-is)")) frameCode(pre);
  return fragment;
}

/** The direction of the first letter outside code. */
function directionOf(node) {
  const words = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const [letter] = /\p{L}/u.exec(words.currentNode.data) ?? [];
    const isCode = words.currentNode.parentNode.closest("pre") !== null;
    if (letter !== undefined && !isCode) return rightToLeft.test(letter) ? "rtl" : "ltr";
  }
  return "auto";
}

/** Shows a source as "You, yesterday" instead of "User, 2026-05-04": only the reader speaks in these conversations. */
function sourceName(text) {
  const [, date] = /^User, (\d{4}-\d{2}-\d{2})$/u.exec(text) ?? [];
  if (date === undefined) return text;
  const day = dayName(Date.parse(`${date}T12:00`));
  return `You, ${/^(?:Today|Yesterday)$/u.test(day) ? day.toLowerCase() : day}`;
}

function frameTable(table) {
  const frame = elementOf(html`<div class="table-frame"></div>`);
  makeScroll(frame, "Table");
  table.replaceWith(frame);
  frame.append(table);
}

function frameCode(pre) {
  const language = /^language-(.+)$/u.exec(pre.querySelector("code")?.className ?? "")?.[1] ?? "";
  // The log listens for the button.
  const frame = elementOf(html`
    <div class="code-frame">
      <div class="code-bar"><span>${language}</span><${CopyButton} label="Copy this code" /></div>
    </div>
  `);
  pre.dir = "ltr";
  makeScroll(pre, language === "" ? "Code" : `Code, ${language}`);
  pre.replaceWith(frame);
  frame.append(pre);
}

/** Makes a wide node scroll, also with the keyboard. */
function makeScroll(node, label) {
  scrolling.observe(node);
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", label);
}

function elementOf(drawing) {
  const place = document.createElement("div");
  render(drawing, place);
  return place.firstChild;
}

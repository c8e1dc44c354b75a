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
const directed = "p,h1,h2,h3,h4,h5,h6,th,td,summary,dt,dd,caption";
/** `dir=auto` ignores parts with a direction of their own. */
const holding = "ul,ol,li,blockquote,table,details,dl";
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Adds what an answer needs on a page: text direction, scrolling, labels, copy buttons. */
export function decorateAnswer(fragment) {
  for (const node of fragment.querySelectorAll(directed)) {
    if (!node.hasAttribute("dir")) node.dir = "auto";
  }
  for (const node of fragment.querySelectorAll(holding)) {
    if (!node.hasAttribute("dir")) node.dir = directionOf(node);
  }
  for (const item of fragment.querySelectorAll("li")) {
    item.classList.toggle("task", /^\s*[☐☑]/u.test(item.textContent));
  }
  for (const cell of fragment.querySelectorAll("td, th")) {
    cell.classList.toggle("number", /^[\d\s.,:;%+\-–−/()€$£¥]{1,40}$/u.test(cell.textContent));
  }
  for (const link of fragment.querySelectorAll("a[href^='#c/']")) {
    link.textContent = sourceName(link.textContent);
  }
  for (const table of fragment.querySelectorAll("table")) wrap(table, "table-frame", "Table");
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

/**
 * Shows a source as "You, yesterday" instead of "User, 2026-05-04": only the reader speaks in these conversations.
 */
function sourceName(text) {
  const [, date] = /^User, (\d{4}-\d{2}-\d{2})$/u.exec(text) ?? [];
  return date === undefined
    ? text
    : `You, ${dayName(Date.parse(`${date}T12:00`)).replace(/^(?:Today|Yesterday)$/u, (day) => day.toLowerCase())}`;
}

/** Makes wide nodes scroll, also with the keyboard. */
function wrap(node, className, label) {
  const frame = document.createElement("div");
  frame.className = className;
  scrolling.observe(frame);
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", label);
  node.replaceWith(frame);
  frame.append(node);
}

function frameCode(pre) {
  const language = /^language-(.+)$/u.exec(pre.querySelector("code")?.className ?? "")?.[1] ?? "";
  const frame = document.createElement("div");
  frame.className = "code-frame";
  const bar = document.createElement("div");
  bar.className = "code-bar";
  const label = document.createElement("span");
  label.textContent = language;
  bar.append(label, copyButton("Copy this code"));
  pre.dir = "ltr";
  scrolling.observe(pre);
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", language === "" ? "Code" : `Code, ${language}`);
  pre.replaceWith(frame);
  frame.append(bar, pre);
}

/** A copy button without a listener; its container listens for `.copy`. */
function copyButton(label) {
  const place = document.createElement("div");
  render(html`<${CopyButton} label=${label} />`, place);
  return place.firstChild;
}

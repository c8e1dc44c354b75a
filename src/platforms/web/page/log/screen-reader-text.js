import { render } from "../answer/markdown.js";

/** Longer texts are cut. */
const maxChars = 2_000;
/** The Markdown that is rendered; more would block the page. */
const maxMarkdownChars = 3 * maxChars;
const blocks = "p,li,h1,h2,h3,h4,h5,h6,blockquote,tr,summary,pre,dt,dd";

/** The words of an answer for screen readers, without markup; code is only mentioned. */
export function screenReaderText(markdown) {
  const content = document.createElement("div");
  content.append(render(markdown.slice(0, maxMarkdownChars)));
  for (const frame of content.querySelectorAll(".code-frame")) {
    const lines = frame.querySelector("code").textContent.trim().split("\n").length;
    const label = frame.querySelector("pre").getAttribute("aria-label");
    frame.replaceWith(`${label}, ${lines === 1 ? "1 line" : `${lines} lines`}. `);
  }
  for (const item of content.querySelectorAll("li.task")) {
    const mark = item.textContent.trim().startsWith("☑") ? "Done: " : "To do: ";
    item.textContent = `${mark}${item.textContent.replace(/[☑☐]/gu, "").trim()}`;
  }
  for (const cell of content.querySelectorAll("td, th")) cell.append(", ");
  for (const block of content.querySelectorAll(blocks)) block.append(ending(block.textContent));
  const text = content.textContent.replaceAll(/\s+/gu, " ").trim();
  const isWhole = markdown.length <= maxMarkdownChars && text.length <= maxChars;
  return isWhole ? text : `${text.slice(0, maxChars)} … The rest is in the messages.`;
}

/** Ends a block with a pause. */
function ending(text) {
  return /[.!?:…,]\s*$/u.test(text) ? " " : ". ";
}

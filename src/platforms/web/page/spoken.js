import { render } from "./markdown.js";

/** What is longer is read in the log. */
const mostChars = 2_000;
/** So much of the Markdown is looked at: more would keep the page busy. */
const mostMarkdown = 3 * mostChars;
const blocks = "p,li,h1,h2,h3,h4,h5,h6,blockquote,tr,summary,pre,dt,dd";

/** What a screen reader is to say of an answer: its words, without marks, and of code only that there is some. */
export function spoken(markdown) {
  const content = document.createElement("div");
  content.append(render(markdown.slice(0, mostMarkdown)));
  for (const frame of content.querySelectorAll(".code-frame")) {
    const lines = frame.querySelector("code").textContent.trim().split("\n").length;
    frame.replaceWith(
      `${frame.querySelector("pre").getAttribute("aria-label")}, ${lines === 1 ? "1 line" : `${lines} lines`}. `,
    );
  }
  for (const item of content.querySelectorAll("li.task")) {
    const mark = item.textContent.trim().startsWith("☑") ? "Done: " : "To do: ";
    item.textContent = `${mark}${item.textContent.replace(/[☑☐]/gu, "").trim()}`;
  }
  for (const cell of content.querySelectorAll("td, th")) cell.append(", ");
  for (const block of content.querySelectorAll(blocks)) block.append(ending(block.textContent));
  const text = content.textContent.replaceAll(/\s+/gu, " ").trim();
  const isWhole = markdown.length <= mostMarkdown && text.length <= mostChars;
  return isWhole ? text : `${text.slice(0, mostChars)} … The rest is in the messages.`;
}

/** A pause where a sentence has none. */
function ending(text) {
  return /[.!?:…,]\s*$/u.test(text) ? " " : ". ";
}

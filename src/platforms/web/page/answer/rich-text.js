import { highlightCode } from "./highlight-code.js";
import { decorateAnswer } from "./decorate-answer.js";
import { blocksIn } from "./parser.js";
import { patch } from "./patch.js";
import { splitMarkdown } from "./split-markdown.js";
import { safePart } from "./safe-part.js";
import { sanitizeHtml } from "./sanitize-html.js";
import { completeMarkdown } from "./complete-markdown.js";

/** The time for parsing; the rest is shown as plain text. */
const parseMs = 500;

/** Markdown in a node. Redraws only changed blocks while it grows; shows what can't be rendered as plain text. */
export class RichText {
  #node;
  /** The shown pieces, each with its blocks. */
  #pieces = [];
  /** The shown blocks, in order: { key, node, hasText }. */
  #shown = [];

  constructor(node) {
    this.#node = node;
  }

  /**
   * Draws the text. `isWhole`: it is complete. `forMs`: stops after this time, and another call with the same text
   * continues; missing: draws all. Returns whether all is drawn.
   */
  show(markdown, { isWhole, forMs = Infinity }) {
    const endMs = performance.now() + forMs;
    const budget = { leftMs: parseMs };
    const pieces = splitMarkdown(markdown);
    const last = pieces.at(-1);
    if (!isWhole && !last.isCode) last.text = completeMarkdown(last.text);
    let count = 0;
    for (const [index, piece] of pieces.entries()) {
      // Pieces beyond the time are not parsed.
      if (this.#pieces[index]?.text !== piece.text) {
        this.#pieces[index] = { text: piece.text, blocks: blocksOf(piece, budget) };
      }
      const { blocks } = this.#pieces[index];
      for (const [at, block] of blocks.entries()) {
        const isLast = index === pieces.length - 1 && at === blocks.length - 1;
        if (this.#put(block, count) && performance.now() > endMs && !isLast) return false;
        count += 1;
      }
    }
    this.#pieces.length = pieces.length;
    for (const { node } of this.#shown.splice(count)) node.remove();
    // Code is highlighted once, when complete.
    const whole = isWhole ? this.#shown : this.#shown.slice(0, -1);
    for (const block of whole.filter((each) => each.isHighlighted !== true)) {
      block.isHighlighted = true;
      for (const code of block.node.querySelectorAll("pre > code")) void highlightCode(code);
    }
    // A lone comment, tag or definition would show nothing.
    const isEmpty = isWhole && markdown.trim() !== "" && this.#shown.every(({ hasText }) => !hasText);
    if (isEmpty) this.#put(plainBlock(markdown), count);
    return true;
  }

  /** Returns whether the block was redrawn. */
  #put({ key, draw }, index) {
    const before = this.#shown[index];
    if (before?.key === key) return false;
    const fragment = document.createDocumentFragment();
    fragment.append(draw());
    const hasText = fragment.textContent.trim() !== "" || fragment.querySelector("hr") !== null;
    decorateAnswer(fragment);
    const node = before?.node ?? document.createElement("div");
    if (before === undefined) this.#node.append(node);
    patch(node, fragment);
    this.#shown[index] = { key, node, hasText };
    return true;
  }
}

function blocksOf(piece, budget) {
  const { html: blocks, code, text, language } = safePart(piece, blocksIn, budget);
  if (code !== undefined) return [{ key: `code ${code}`, draw: () => preformatted("code", code, language) }];
  if (text !== undefined) return [plainBlock(text)];
  return blocks.map(({ raw, key, html }) => ({ key: `html ${key}`, draw: () => drawn(raw, html) }));
}

function plainBlock(text) {
  return { key: `text ${text}`, draw: () => preformatted("span", text) };
}

function drawn(raw, html) {
  try {
    return sanitizeHtml(html());
  } catch {
    return preformatted("span", raw);
  }
}

function preformatted(name, text, language = "") {
  const node = document.createElement("pre");
  node.classList.toggle("as-it-is", name === "span");
  const inner = document.createElement(name);
  if (language !== "") inner.className = `language-${language}`;
  inner.textContent = text;
  node.append(inner);
  return node;
}

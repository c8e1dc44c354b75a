import { colour } from "./colours.js";
import { furnish } from "./furnish.js";
import { blocksIn } from "./parser.js";
import { patch } from "./patch.js";
import { piecesOf } from "./pieces.js";
import { parseBudget, safePart } from "./safe-parts.js";
import { sanitized } from "./sanitized.js";
import { asIfFinished } from "./unfinished.js";

/**
 * Markdown in a node, which may grow: only the blocks that have changed are drawn again. Any text is shown: what can't be
 * rendered stands there as it is.
 */
export class RichText {
  #node;
  /** The pieces that are shown, each with its blocks. */
  #pieces = [];
  /** What is shown, in order: { key, node, hasText }. */
  #shown = [];

  constructor(node) {
    this.#node = node;
  }

  /**
   * `isWhole`: no more will come. `forMs`: after so long it leaves the rest for another call with the same text; missing:
   * it draws all. Gives whether all is drawn.
   */
  show(markdown, { isWhole, forMs = Infinity }) {
    const endMs = performance.now() + forMs;
    const budget = parseBudget();
    const pieces = piecesOf(markdown);
    if (!isWhole) pieces.push(asShownSoFar(pieces.pop()));
    let count = 0;
    for (const [index, piece] of pieces.entries()) {
      // What is not reached in time is not parsed either.
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
    // A comment, a tag or a definition alone would leave nothing to see.
    const isEmpty = isWhole && markdown.trim() !== "" && this.#shown.every(({ hasText }) => !hasText);
    // What may still grow is not coloured, and is not coloured twice.
    const whole = isWhole ? this.#shown : this.#shown.slice(0, -1);
    for (const block of whole.filter((each) => each.isColoured !== true)) {
      block.isColoured = true;
      for (const code of block.node.querySelectorAll("pre > code")) void colour(code);
    }
    if (isEmpty) {
      this.#put({ key: `text ${markdown}`, draw: () => preformatted("span", markdown) }, count);
    }
    return true;
  }

  /** Gives whether there was something to draw. */
  #put({ key, draw }, index) {
    const before = this.#shown[index];
    if (before?.key === key) return false;
    const fragment = document.createDocumentFragment();
    fragment.append(draw());
    const hasText = fragment.textContent.trim() !== "" || fragment.querySelector("hr") !== null;
    furnish(fragment);
    const node = before?.node ?? document.createElement("div");
    if (before === undefined) this.#node.append(node);
    patch(node, fragment);
    this.#shown[index] = { key, node, hasText };
    return true;
  }
}

function asShownSoFar(piece) {
  return piece.isCode === true ? piece : { text: asIfFinished(piece.text) };
}

function blocksOf(piece, budget) {
  const part = safePart(piece, blocksIn, budget);
  if (part.code !== undefined) {
    return [{ key: `code ${part.code}`, draw: () => preformatted("code", part.code, part.language) }];
  }
  if (part.text !== undefined) {
    return [{ key: `text ${part.text}`, draw: () => preformatted("span", part.text) }];
  }
  return part.html.map(({ raw, key, html }) => ({ key: `html ${key}`, draw: () => drawn(raw, html) }));
}

function drawn(raw, html) {
  try {
    return sanitized(html());
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

import { RichText } from "./rich-text.js";

/** Markdown as safe nodes. Any text is shown. */
export function render(markdown) {
  const node = document.createDocumentFragment();
  new RichText(node).show(markdown, { isWhole: true });
  return node;
}

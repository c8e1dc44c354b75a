import { RichText } from "./rich-text.js";

/** Renders Markdown as safe nodes; accepts any text. */
export function render(markdown) {
  const node = document.createDocumentFragment();
  new RichText(node).show(markdown, { isWhole: true });
  return node;
}

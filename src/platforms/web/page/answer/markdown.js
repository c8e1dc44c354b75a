import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { RichText } from "./rich-text.js";

/** Renders Markdown as safe nodes; accepts any text. */
export function render(markdown) {
  const node = document.createDocumentFragment();
  new RichText(node).show(markdown, { isWhole: true });
  return node;
}

/** A short text that comes whole, as Markdown. */
export function Markdown({ text }) {
  const body = useRef();
  useLayoutEffect(() => body.current.replaceChildren(render(text)), [text]);
  return html`<div class="body" ref=${body}></div>`;
}

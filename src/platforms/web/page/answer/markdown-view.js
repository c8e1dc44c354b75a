import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { render } from "./markdown.js";

/** A short text that comes whole, as Markdown. */
export function Markdown({ text }) {
  const body = useRef();
  useLayoutEffect(() => body.current.replaceChildren(render(text)), [text]);
  return html`<div class="body" ref=${body}></div>`;
}

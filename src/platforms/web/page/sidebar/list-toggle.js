import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { isListOpen, openList } from "./drawer.js";

/** Opens the list on narrow pages; gets the focus when the list closes. */
export function ListToggle() {
  const [button, wasOpen] = [useRef(), useRef(false)];
  const isOpen = isListOpen.value;
  useLayoutEffect(() => {
    if (wasOpen.current && !isOpen) button.current.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return html`
    <button
      type="button"
      id="show-list"
      ref=${button}
      aria-controls="sidebar"
      aria-expanded=${String(isOpen)}
      aria-label="Show conversations"
      onClick=${openList}
    >
      ☰
    </button>
  `;
}

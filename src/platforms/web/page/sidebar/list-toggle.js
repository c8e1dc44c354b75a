import { html } from "htm/preact";

import { isListOpen, openList } from "./drawer.js";

/** Opens the list on narrow pages. */
export function ListToggle() {
  return html`
    <button
      id="show-list"
      aria-controls="sidebar"
      aria-expanded=${isListOpen.value}
      aria-label="Show conversations"
      onClick=${openList}
    >
      ☰
    </button>
  `;
}

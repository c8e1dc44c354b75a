import { html } from "htm/preact";

import { ListToggle } from "../sidebar/list-toggle.js";
import { removeCurrent, renameCurrent } from "../state/actions.js";
import { state, titleOf } from "../state/state.js";

/** The shown conversation's title, and what can be done with it. */
export function Header() {
  const isListed = state.listed.has(state.current);
  return html`
    <header>
      <${ListToggle} />
      <h1 id="title" dir="auto">${titleOf(state.current)}</h1>
      <div id="actions" role="group" aria-label="This conversation" hidden=${!isListed}>
        <button id="rename" onClick=${() => void renameCurrent()}>Rename</button>
        <button id="remove" onClick=${() => void removeCurrent()}>Delete</button>
      </div>
    </header>
  `;
}

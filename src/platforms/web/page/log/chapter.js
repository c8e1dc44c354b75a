import { html } from "htm/preact";

const text = "Memory reset · nothing above is used";

/** The line where a chapter begins. `onUndo`: given if the reset can be undone. */
export function Chapter({ onUndo }) {
  return html`
    <div class="chapter">
      <span role="separator" aria-label=${text}>${text}</span>
      ${onUndo && html`<button onClick=${onUndo}>Undo</button>`}
    </div>
  `;
}

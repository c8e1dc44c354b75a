import { html } from "htm/preact";

import { loadMore } from "../state/history-loader.js";

/** The button for older messages. `isCut`: they could not be read. */
export function More({ isCut }) {
  return html`
    <div class="more">
      ${isCut && html`<p class="cut">I can't load older messages right now.</p>`}
      <button onClick=${loadMore}>${isCut ? "Try again" : "Show earlier messages"}</button>
    </div>
  `;
}

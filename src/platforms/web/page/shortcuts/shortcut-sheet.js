import { signal } from "@preact/signals";
import { html } from "htm/preact";

import { keyNames } from "./keys.js";

const storedKey = "threadkeeper.single-keys";

/** Whether shortcuts of one key work. */
export const hasSingleKeys = signal(localStorage.getItem(storedKey) !== "off");

export function ShortcutSheet({ shortcuts }) {
  return html`
    <div id="shortcuts">
      <dl>
        ${shortcuts.map(
          ({ keys, text }) => html`
            <div key=${text}>
              <dt>${text}</dt>
              <dd>${keys.map(drawKeys)}</dd>
            </div>
          `,
        )}
      </dl>
      <label>
        <input type="checkbox" checked=${hasSingleKeys.value} onChange=${setSingleKeys} />
        Single keys: / and ?
      </label>
    </div>
  `;
}

function setSingleKeys({ target: box }) {
  hasSingleKeys.value = box.checked;
  localStorage.setItem(storedKey, box.checked ? "on" : "off");
}

function drawKeys(combination, index) {
  const keys = keyNames(combination).map((name, at) => [at > 0 && "+", html`<kbd>${name}</kbd>`]);
  return html`${index > 0 && " or "}<span class="keys">${keys}</span>`;
}

import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { keyNames } from "./keys.js";
import { hasSingleKeys, setSingleKeys, shortcuts } from "./shortcuts.js";

export const isSheetOpen = signal(false);

/** The list of the shortcuts. */
export function ShortcutSheet() {
  const dialog = useRef();
  const isOpen = isSheetOpen.value;
  useLayoutEffect(() => {
    if (!isOpen) return;
    dialog.current.showModal();
    dialog.current.querySelector("menu button").focus();
  }, [isOpen]);
  const onClose = () => {
    isSheetOpen.value = false;
  };
  return html`
    <dialog id="shortcuts" ref=${dialog} aria-labelledby="shortcuts-title" onClose=${onClose}>
      <form method="dialog">
        <h2 id="shortcuts-title">Keyboard shortcuts</h2>
        <dl>
          ${shortcuts.map(
            ({ action, keys, text }) => html`
              <div key=${action}>
                <dt>${text}</dt>
                <dd>${keys.map(drawKeys)}</dd>
              </div>
            `,
          )}
        </dl>
        <label>
          <input
            type="checkbox"
            checked=${hasSingleKeys.value}
            onChange=${({ target }) => setSingleKeys(target.checked)}
          />
          Single keys: / and ?
        </label>
        <menu>
          <button class="main-action">Close</button>
        </menu>
      </form>
    </dialog>
  `;
}

function drawKeys(combination, index) {
  const keys = keyNames(combination).map((name, at) => [at > 0 && "+", html`<kbd>${name}</kbd>`]);
  return html`${index > 0 && " or "}<span class="keys">${keys}</span>`;
}

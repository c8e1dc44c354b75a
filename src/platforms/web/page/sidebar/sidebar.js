import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { isTouch } from "../common/touch.js";
import { closeList, isListOpen } from "./drawer.js";
import { FindConversations } from "./find-conversations.js";
import { showShortcuts } from "../shortcuts/shortcuts.js";
import { beginNew } from "../state/choose.js";
import { SignOut } from "./sign-out.js";

export function Sidebar() {
  const [isOpen, wasOpen] = [isListOpen.value, useRef(false)];
  useLayoutEffect(() => {
    if (isOpen !== wasOpen.current) document.querySelector(isOpen ? "#new" : "#show-list").focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return html`
    <aside id="sidebar" class=${isOpen ? "open" : ""} aria-label="Conversations">
      <header>
        <img src="assets/icon.svg" alt="" width="28" height="28" />
        <strong>Threadkeeper</strong>
        <button id="new" title="New conversation" aria-label="New conversation" onClick=${beginNew}>+</button>
      </header>
      <${FindConversations} />
      <footer>
        <button id="show-shortcuts" aria-haspopup="dialog" hidden=${isTouch()} onClick=${showShortcuts}>
          Keyboard shortcuts
        </button>
        <${SignOut} />
      </footer>
    </aside>
    <div id="scrim" hidden=${!isOpen} onClick=${closeList}></div>
  `;
}

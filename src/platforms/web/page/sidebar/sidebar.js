import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { isTouch } from "../common/touch.js";
import { closeList, isListOpen } from "./drawer.js";
import { FindConversations } from "./find-conversations.js";
import { isSheetOpen } from "../shortcuts/shortcut-sheet.js";
import { beginNew } from "../state/choose.js";
import { SignOut } from "./sign-out.js";

export function Sidebar() {
  const newButton = useRef();
  const isOpen = isListOpen.value;
  useLayoutEffect(() => {
    if (isOpen) newButton.current.focus();
  }, [isOpen]);
  return html`
    <aside id="sidebar" class=${isOpen ? "open" : ""} aria-label="Conversations">
      <header>
        <img src="assets/icon.svg" alt="" width="28" height="28" />
        <strong>Threadkeeper</strong>
        <button
          type="button"
          id="new"
          ref=${newButton}
          title="New conversation"
          aria-label="New conversation"
          onClick=${beginNew}
        >
          +
        </button>
      </header>
      <${FindConversations} />
      <footer>
        <button
          type="button"
          id="show-shortcuts"
          aria-haspopup="dialog"
          hidden=${isTouch()}
          onClick=${showSheet}
        >
          Keyboard shortcuts
        </button>
        <${SignOut} />
      </footer>
    </aside>
    <div id="scrim" hidden=${!isOpen} onClick=${closeList}></div>
  `;
}

function showSheet() {
  isSheetOpen.value = true;
}

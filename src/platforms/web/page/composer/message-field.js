import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { isTouch } from "../common/touch.js";
import { chosen, closeMenu, menuTakes, openMenu } from "./command-choice.js";
import { setTyped, typed } from "./draft.js";
import { attachFiles, sendDraft } from "./send-draft.js";

/** The person may type before the scripts are loaded. */
const hadFocus = document.activeElement?.id === "text";

/** The field for the message, as high as its text. */
export function MessageField() {
  const field = useRef();
  const text = typed.value;
  // A field of several lines is a combobox only while the menu is open.
  const command = chosen.value;
  useLayoutEffect(() => {
    const { style } = field.current;
    style.height = "auto";
    style.height = `${field.current.scrollHeight + 2}px`;
  }, [text]);
  useLayoutEffect(() => {
    // Drawing the page for the first time takes the focus away.
    if (hadFocus) field.current.focus();
  }, []);
  return html`
    <label for="text" class="unseen">Message</label>
    <textarea
      id="text"
      ref=${field}
      rows="1"
      placeholder="Write a message"
      autocomplete="off"
      dir="auto"
      enterkeyhint=${isTouch() ? "enter" : "send"}
      aria-describedby="hint"
      role=${command && "combobox"}
      aria-autocomplete=${command && "list"}
      aria-haspopup=${command && "listbox"}
      aria-expanded=${command && "true"}
      aria-controls=${command && "menu"}
      aria-activedescendant=${command && `command-${command.name}`}
      value=${text}
      onInput=${takeTyped}
      onKeyDown=${takeKey}
      onBlur=${closeMenu}
      onPaste=${takePasted}
    />
  `;
}

function takeTyped({ target }) {
  setTyped(target.value);
  openMenu();
}

function takeKey(event) {
  // While an input method composes, Enter picks a word.
  if (event.isComposing) return;
  const isForMenu = menuTakes(event);
  if (!isForMenu && !isSending(event)) return;
  event.preventDefault();
  if (!isForMenu) sendDraft();
}

/** On a touch keyboard Enter makes a new line. */
function isSending({ key, shiftKey, ctrlKey, metaKey }) {
  return key === "Enter" && !shiftKey && (!isTouch() || ctrlKey || metaKey);
}

function takePasted(event) {
  const { files, types } = event.clipboardData;
  // A spreadsheet gives its cells as a text and as an image: the text is meant.
  if (files.length === 0 || types.includes("text/plain")) return;
  event.preventDefault();
  attachFiles(Array.from(files));
}

import { html } from "htm/preact";
import { useRef } from "preact/hooks";

import { IconButton } from "../common/icon-button.js";
import { focusField } from "./draft.js";
import { attachFiles } from "./send-draft.js";

const clip =
  "M20 11.5 12.2 19.3a5 5 0 0 1-7.1-7.1l8-8a3.4 3.4 0 0 1 4.8 4.8l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3";

export function AttachButton() {
  const input = useRef();
  return html`
    <input id="files" ref=${input} type="file" multiple hidden aria-label="Files" onChange=${takeChosen} />
    <${IconButton} id="attach" label="Attach files" shape=${clip} onClick=${() => input.current.click()} />
  `;
}

function takeChosen({ target }) {
  attachFiles(Array.from(target.files));
  // Otherwise the same file could not be chosen again.
  target.value = "";
  focusField();
}

import { html } from "htm/preact";
import { useRef } from "preact/hooks";

import { focusField } from "./draft.js";

/** `onFiles(files)`: the person chose them. */
export function AttachButton({ onFiles }) {
  const input = useRef();
  const onChange = ({ target }) => {
    onFiles(Array.from(target.files));
    // Otherwise the same file could not be chosen again.
    target.value = "";
    focusField();
  };
  return html`
    <input
      id="files"
      ref=${input}
      type="file"
      multiple
      hidden
      aria-label="Files"
      tabindex="-1"
      onChange=${onChange}
    />
    <button
      type="button"
      id="attach"
      title="Attach files"
      aria-label="Attach files"
      onClick=${() => input.current.click()}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path
          d="M20 11.5 12.2 19.3a5 5 0 0 1-7.1-7.1l8-8a3.4 3.4 0 0 1 4.8 4.8l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3"
        />
      </svg>
    </button>
  `;
}

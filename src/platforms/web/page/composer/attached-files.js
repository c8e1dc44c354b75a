import { html } from "htm/preact";

import { AttachedFile } from "./attached-file.js";
import { attachedFiles } from "./attachments.js";
import { fileLine } from "./draft.js";

export function AttachedFiles() {
  const files = attachedFiles();
  return html`
    <ul id="attached" aria-label="Attached files" hidden=${files.length === 0}>
      ${files.map((file) => html`<${AttachedFile} key=${file} file=${file} />`)}
    </ul>
    <p id="attached-status" role="status" hidden=${fileLine.value === ""}>${fileLine.value}</p>
  `;
}

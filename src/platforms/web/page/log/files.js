import { html } from "htm/preact";

import { File } from "./file.js";

export function Files({ files = [] }) {
  if (files.length === 0) return undefined;
  return html`
    <ul class="files" aria-label="Files">
      ${files.map((file) => html`<li key=${file.url ?? file.id}><${File} file=${file} /></li>`)}
    </ul>
  `;
}

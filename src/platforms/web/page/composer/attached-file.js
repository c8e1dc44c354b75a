import { html } from "htm/preact";

import { sizeOf } from "../common/size-of.js";
import { removeFile, retryFile } from "./attachments.js";
import { focusField } from "./draft.js";

export function AttachedFile({ file }) {
  const { name, status, share, fault, isFinal, bytes } = file;
  const isUnderWay = status === "waiting" || status === "sending";
  const mayRetry = status === "failed" && !isFinal;
  const onRetry = () => retryFile(file);
  const onRemove = () => {
    removeFile(file);
    focusField();
  };
  return html`
    <li class=${status}>
      <span class="name" dir="auto" title=${name}>${name}</span>
      <span class="detail">${fault ?? sizeOf(bytes)}</span>
      <progress max="1" value=${share} aria-label=${`Uploading ${name}`} hidden=${!isUnderWay} />
      <button type="button" aria-label=${`Try again: ${name}`} hidden=${!mayRetry} onClick=${onRetry}>
        Try again
      </button>
      <button type="button" aria-label=${`Remove ${name}`} onClick=${onRemove}>✕</button>
    </li>
  `;
}

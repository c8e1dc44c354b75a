import { html } from "htm/preact";

import { edit } from "../state/actions.js";
import { removeMessage } from "../state/deletions.js";
import { Files } from "./files.js";
import { nameOf, Who } from "./who.js";

/** A message of the person. Without a time it is not stored yet. */
export function UserMessage({ message }) {
  const { id, text, atMs, shown, files } = message;
  const kind = atMs === undefined ? "message user waiting" : "message user";
  const tools = html`
    <div class="tools">
      <button aria-label="Edit this message" onClick=${() => edit(message)}>Edit</button>
      <button aria-label="Delete this message" onClick=${() => removeMessage(message)}>Delete</button>
    </div>
  `;
  return html`
    <article class=${kind} data-id=${id} aria-label=${nameOf("user", atMs)}>
      <${Who} role="user" atMs=${atMs} />
      <div class="body" dir="auto">${text}</div>
      <${Files} files=${shown ?? files} />
      ${atMs !== undefined && tools}
    </article>
  `;
}

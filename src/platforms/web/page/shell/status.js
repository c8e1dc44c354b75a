import { html } from "htm/preact";

import { state } from "../state/state.js";

/** What the person should know about the connection and the model. */
export function Status() {
  return html`
    <p id="connection" role="status">${state.connection}</p>
    <p id="demo" hidden=${!state.isDemo}>
      <strong>Demo model:</strong> it only shows what I remember. Set <code>OPENAI_API_KEY</code> for real
      answers.
    </p>
  `;
}

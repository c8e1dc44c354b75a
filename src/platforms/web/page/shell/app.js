import { html } from "htm/preact";

import { Composer } from "../composer/composer.js";
import { focusField } from "../composer/draft.js";
import { AskDialog } from "../dialog/ask.js";
import { Toasts } from "../dialog/toasts.js";
import { Announcer } from "../log/announcer.js";
import { Log } from "../log/log.js";
import { Sidebar } from "../sidebar/sidebar.js";
import { state } from "../state/state.js";
import { Header } from "./header.js";
import { Status } from "./status.js";

export function App() {
  return html`
    <a class="skip" href="#text" onClick=${skip}>Skip to the message box</a>
    <${Sidebar} />
    <main class=${state.isClosed ? "closed" : undefined}>
      <${Header} />
      <${Status} />
      <${Composer} />
      <${Log} />
    </main>
    <${Announcer} />
    <${Toasts} />
    <${AskDialog} />
  `;
}

function skip(event) {
  // The hash `#text` would be read as a conversation.
  event.preventDefault();
  focusField();
}

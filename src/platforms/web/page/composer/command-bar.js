import { html } from "htm/preact";

import { useToolbar } from "../common/use-toolbar.js";
import { sendCommand } from "../state/actions.js";
import { state } from "../state/state.js";
import { complete } from "./command-choice.js";
import { typed } from "./draft.js";

/** The commands as buttons: one Tab stop, with arrow keys between them. */
export function CommandBar() {
  const bar = useToolbar();
  return html`
    <div
      id="commands"
      ref=${bar}
      role="toolbar"
      aria-label="Commands"
      class=${typed.value === "" ? "idle" : ""}
    >
      ${state.commands.map(
        (command) => html`
          <button
            key=${command.name}
            type="button"
            title=${command.description}
            onClick=${() => press(command)}
          >
            ${`/${command.name}`}
          </button>
        `,
      )}
    </div>
  `;
}

function press({ name, text }) {
  if (text?.isRequired === true) complete(name);
  else void sendCommand({ name, argument: "" });
}

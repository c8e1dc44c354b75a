import { html } from "htm/preact";

import { useToolbar } from "../common/use-toolbar.js";
import { sendCommand } from "../state/actions.js";
import { state } from "../state/state.js";
import { complete } from "./command-choice.js";
import { typed } from "./draft.js";

/** The commands as buttons: one Tab stop, with arrow keys between them. */
export function CommandBar() {
  const toolbar = useToolbar();
  return html`
    <div id="commands" ...${toolbar} aria-label="Commands" class=${typed.value === "" && "idle"}>
      ${state.commands.map(({ name, description, text }) => {
        const press = () =>
          text?.isRequired === true ? complete(name) : sendCommand({ name, argument: "" });
        return html`<button key=${name} type="button" title=${description} onClick=${press}>
          /${name}
        </button>`;
      })}
    </div>
  `;
}

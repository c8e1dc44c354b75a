import { useSignal } from "@preact/signals";
import { html } from "htm/preact";

import { state } from "../state/state.js";
import { complete } from "./command-choice.js";
import { typed } from "./draft.js";

/** The commands as buttons: one Tab stop, with arrow keys between them. `onCommand({ name, argument })`. */
export function CommandBar({ onCommand }) {
  const stop = useSignal();
  const { commands } = state;
  const atStop = commands.some(({ name }) => name === stop.value) ? stop.value : commands[0]?.name;
  const press = ({ name, text }) => {
    if (text?.isRequired === true) complete(name);
    else onCommand({ name, argument: "" });
  };
  return html`
    <div
      id="commands"
      role="toolbar"
      aria-label="Commands"
      class=${typed.value === "" ? "idle" : ""}
      onKeyDown=${moveFocus}
    >
      ${commands.map(
        (command) => html`
          <button
            key=${command.name}
            type="button"
            title=${command.description}
            tabindex=${command.name === atStop ? 0 : -1}
            onFocus=${() => (stop.value = command.name)}
            onClick=${() => press(command)}
          >
            ${`/${command.name}`}
          </button>
        `,
      )}
    </div>
  `;
}

function moveFocus(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.children];
  buttons.at((buttons.indexOf(event.target) + step) % buttons.length).focus();
}

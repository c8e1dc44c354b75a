import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { chosen, complete, offered, patternOf } from "./command-choice.js";

export function CommandMenu() {
  const menu = useRef();
  const [commands, at] = [offered.value, chosen.value];
  const isEmpty = commands.length === 0;
  useLayoutEffect(() => {
    menu.current.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return html`
    <ul id="menu" ref=${menu} role="listbox" aria-label="Commands" hidden=${isEmpty} onMouseDown=${keepFocus}>
      ${commands.map(
        (command) => html`
          <li
            key=${command.name}
            id=${`command-${command.name}`}
            role="option"
            aria-selected=${String(command === at)}
            onClick=${() => complete(command.name)}
          >
            <strong>${patternOf(command)}</strong> ${command.description}
          </li>
        `,
      )}
    </ul>
  `;
}

/** Keeps the focus in the message box. */
function keepFocus(event) {
  event.preventDefault();
}

import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { chosen, complete, offered, patternOf } from "./command-choice.js";

/** The commands that fit what is typed. */
export function CommandMenu() {
  const menu = useRef();
  const [commands, at] = [offered.value, chosen.value];
  useLayoutEffect(() => {
    menu.current.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return html`
    <ul
      id="menu"
      ref=${menu}
      role="listbox"
      aria-label="Commands"
      hidden=${commands.length === 0}
      onMouseDown=${
        // Keeps the focus in the message box.
        (event) => event.preventDefault()
      }
    >
      ${commands.map(
        (command) => html`
          <li
            key=${command.name}
            id=${`command-${command.name}`}
            role="option"
            aria-selected=${String(command === at)}
            onClick=${() => complete(command.name)}
          >
            <strong>${patternOf(command)}</strong>${` ${command.description}`}
          </li>
        `,
      )}
    </ul>
  `;
}

import { html } from "htm/preact";

import { findCommand, patternOf } from "./command-choice.js";
import { typed } from "./draft.js";

/** How to go on with the command that is typed. */
export function CommandUsage() {
  const command = findCommand(/^\/(\w+)\s/u.exec(typed.value)?.[1] ?? "");
  return html`
    <p class="usage" id="usage" aria-live="polite" hidden=${command === undefined}>
      ${command && usageOf(command)}
    </p>
  `;
}

function usageOf(command) {
  const { text: free, options } = command;
  const parts = free === undefined ? [] : [`${free.name}: ${free.description}`];
  parts.push(...options.map(({ word, description }) => `${word}: ${description}`));
  return [patternOf(command), ...parts].join(" · ");
}

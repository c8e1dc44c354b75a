import { html } from "htm/preact";

import { Markdown } from "../answer/markdown.js";
import { sizeOf } from "../common/size-of.js";
import { takeOffer } from "../state/actions.js";
import { Choices } from "./choices.js";

/** A line of the bot or the page that is not stored. */
export function Line({ line }) {
  const { kind, text, offer: { id, choices: offered } = { choices: [] } } = line;
  // Destructive buttons are highlighted, and last.
  const choices = offered
    .toSorted((one, other) => Number(one.isDangerous ?? false) - Number(other.isDangerous ?? false))
    .map(({ label, name, argument, value, isDangerous }) => ({
      label,
      kind: isDangerous ? "final-action" : undefined,
      onPress: () => takeOffer({ id, name, argument, value }),
    }));
  const aside = html`<p class="aside">This isn't saved. It disappears when you reload the page.</p>`;
  return html`
    <div class=${`message ${kind}`}>
      ${kind === "file" ? download(line) : html`<${Markdown} text=${text} />`}
      ${choices.length > 0 && html`<${Choices} choices=${choices} />`} ${kind !== "fault" && aside}
    </div>
  `;
}

function download({ name, url, bytes }) {
  return html`<div class="body">
    <a href=${url} download=${name}>${`Download ${name} (${sizeOf(bytes)})`}</a>
  </div>`;
}

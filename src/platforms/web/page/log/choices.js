import { html } from "htm/preact";

/** Buttons under a text: { label, kind, onPress }. `kind`: the class of a button that stands out. */
export function Choices({ label, choices }) {
  return html`
    <div class="choices" role=${label && "group"} aria-label=${label}>
      ${choices.map(
        (each) => html`<button class=${each.kind} onClick=${each.onPress}>${each.label}</button>`,
      )}
    </div>
  `;
}

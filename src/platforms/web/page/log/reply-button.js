import { html } from "htm/preact";

import { press } from "../state/actions.js";
import { state } from "../state/state.js";

/** A button of a finished reply. `on`: the turn that made it. */
export function ReplyButton({ id, on, label, name, isVerdict, isWaiting }) {
  return html`
    <button
      class=${id === "continue" ? "main-action" : undefined}
      title=${name}
      aria-label=${name}
      aria-pressed=${isVerdict ? String(state.verdicts.get(on) === id) : undefined}
      aria-disabled=${isWaiting ? "true" : undefined}
      data-action=${id}
      data-on=${on}
      onClick=${() => isWaiting || press({ id, on })}
    >
      ${label}
    </button>
  `;
}

import { html } from "htm/preact";

/** A button with a drawing in place of words. `shape`: an SVG path. */
export function IconButton({ label, shape, ...rest }) {
  return html`
    <button type="button" title=${label} aria-label=${label} ...${rest}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${shape} /></svg>
    </button>
  `;
}

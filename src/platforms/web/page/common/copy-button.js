import { html } from "htm/preact";

const icons = { copy: "M9 9h10v12H9zM5 15V3h10v3", done: "M5 13l4 4L19 7" };

export function CopyButton({ label, onClick }) {
  return html`
    <button class="copy" title=${label} aria-label=${label} onClick=${onClick}>
      ${Object.entries(icons).map(
        ([name, shape]) =>
          html`<svg viewBox="0 0 24 24" aria-hidden="true" class=${`icon-${name}`}><path d=${shape} /></svg>`,
      )}
    </button>
  `;
}

import { html } from "htm/preact";

import { goToEnd, hasNews, isFollowing } from "./follow-end.js";

/** Leads a reader who has scrolled up back to the end. */
export function Newest() {
  return html`
    <button
      type="button"
      id="newest"
      class=${hasNews.value ? "has-news" : ""}
      hidden=${isFollowing.value}
      onClick=${goToEnd}
    >
      ↓ Newest
    </button>
  `;
}

import { html } from "htm/preact";

import { goToEnd, hasNews, isFollowing } from "./follow-end.js";

/** Leads a reader who has scrolled up back to the end. */
export function Newest() {
  const kind = hasNews.value && "has-news";
  return html`
    <button type="button" id="newest" class=${kind} hidden=${isFollowing.value} onClick=${goToEnd}>
      ↓ Newest
    </button>
  `;
}

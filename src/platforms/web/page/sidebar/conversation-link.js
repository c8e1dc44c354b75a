import { html } from "htm/preact";

import { exactTime } from "../common/times.js";
import { markOf, titleOf } from "../state/state.js";

const words = { new: " (new answer)", running: " (answering)" };

export function ConversationLink({ id, atMs, isCurrent }) {
  const [title, mark] = [titleOf(id), markOf(id)];
  return html`
    <li>
      <a
        href=${`#${id}`}
        dir="auto"
        title=${`${title} · ${exactTime(atMs)}`}
        aria-current=${isCurrent ? "page" : undefined}
        data-mark=${mark}
        >${title}${mark && html`<span class="unseen">${words[mark]}</span>`}</a
      >
    </li>
  `;
}

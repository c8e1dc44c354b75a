import { html } from "htm/preact";

import { exactTime } from "../common/times.js";
import { markOf, state, titleOf } from "../state/state.js";

const words = { new: " (new answer)", running: " (answering)" };

export function ConversationLink({ id, atMs }) {
  const [title, mark] = [titleOf(id), markOf(id)];
  const unseen = mark && html`<span class="unseen">${words[mark]}</span>`;
  return html`
    <li>
      <a
        href=${`#${id}`}
        dir="auto"
        title=${`${title} · ${exactTime(atMs)}`}
        aria-current=${id === state.current ? "page" : undefined}
        data-mark=${mark}
      >
        ${title}${unseen}
      </a>
    </li>
  `;
}

import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { groupName } from "../common/times.js";
import { ConversationLink } from "./conversation-link.js";
import { followLink } from "./drawer.js";

/** Links to conversations, in groups by their days. `conversations`: { id, atMs }, newest first. */
export function ConversationList({ conversations }) {
  const list = useRef();
  const { activeElement } = document;
  const focused = list.current?.contains(activeElement) ? activeElement.hash : undefined;
  // A conversation may move to another group; keyboard focus stays on its link.
  useLayoutEffect(() => {
    if (focused === undefined || list.current.contains(document.activeElement)) return;
    const link = [...list.current.querySelectorAll("a")].find(({ hash }) => hash === focused);
    link?.focus({ preventScroll: true });
  });
  const groups = Map.groupBy(conversations, ({ atMs }) => groupName(atMs));
  return html`
    <div id="conversations" ref=${list} onClick=${followLink}>
      ${[...groups].map(
        ([name, entries]) => html`
          <h2 key=${`heading ${name}`}>${name}</h2>
          <ul key=${name}>
            ${entries.map((each) => html`<${ConversationLink} key=${each.id} ...${each} />`)}
          </ul>
        `,
      )}
    </div>
  `;
}

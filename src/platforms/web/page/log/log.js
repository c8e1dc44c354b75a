import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { copyText } from "../common/copy-text.js";
import { chooseByLink } from "../state/choose.js";
import { loadMore } from "../state/history-loader.js";
import { conversation, state } from "../state/state.js";
import { followEnd } from "./follow-end.js";
import { Rows } from "./rows.js";

const nearPx = 80;

export function Log() {
  const log = useRef();
  useLayoutEffect(() => followEnd(log.current), []);
  return html`
    <div
      id="log"
      ref=${log}
      role="log"
      aria-live="off"
      aria-label="Messages"
      tabindex="0"
      onScroll=${loadNearTop}
      onClick=${takeClick}
    >
      <${Rows} key=${state.current} conversation=${conversation()} />
    </div>
  `;
}

function loadNearTop({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) {
  const isAtEnd = scrollHeight - scrollTop - clientHeight < nearPx;
  if (scrollTop < nearPx && !isAtEnd) loadMore();
}

/** Clicks on what Preact does not draw: links to messages, except into another tab, and buttons that copy code. */
function takeClick(event) {
  const link = event.target.closest("a[href^='#c/']");
  const button = event.target.closest(".code-bar .copy");
  if (link !== null && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    chooseByLink(link.getAttribute("href"));
  }
  if (button === null) return;
  const { textContent } = button.closest(".code-frame").querySelector("code");
  // A trailing newline would run a pasted command at once.
  void copyText(button, textContent.replace(/\n$/u, ""));
}

import { useSignal } from "@preact/signals";
import { html } from "htm/preact";

import { sendCommand } from "../state/actions.js";
import { conversations } from "../state/deletions.js";
import { titleOf } from "../state/state.js";
import { ConversationList } from "./conversation-list.js";
import { closeList } from "./drawer.js";

export function FindConversations() {
  const typed = useSignal("");
  const words = typed.value.trim();
  const found = conversations.value.filter(({ id }) =>
    titleOf(id).toLowerCase().includes(words.toLowerCase()),
  );
  const onInput = ({ target }) => (typed.value = target.value);
  const findInMessages = () => {
    void sendCommand({ name: "recall", argument: words });
    typed.value = "";
    closeList();
  };
  return html`
    <div class="find">
      <label for="find" class="unseen">Search your conversations</label>
      <input
        id="find"
        type="search"
        placeholder="Search"
        autocomplete="off"
        value=${typed.value}
        onInput=${onInput}
      />
    </div>
    <nav aria-label="Your conversations">
      <${ConversationList} conversations=${found} />
      <p id="none-found" hidden=${words === "" || found.length > 0}>No titles match.</p>
      <button id="find-in-messages" hidden=${words === ""} onClick=${findInMessages}>
        ${`Search in messages for “${words}”`}
      </button>
    </nav>
  `;
}

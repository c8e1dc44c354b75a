import { batch } from "@preact/signals";

import { beginDraft, focusField } from "../composer/draft.js";
import { closeList, goTo } from "../sidebar/drawer.js";
import * as loader from "./history-loader.js";
import { send } from "./link.js";
import { markUnread, newId, state } from "./state.js";

/** Shows a conversation, or else a new one, and scrolls to `message` if it is given. */
export function choose(id = newId(), message) {
  if (parseAddress(location.hash).conversation !== id) history.replaceState(undefined, "", `#${id}`);
  batch(() => {
    Object.assign(state, { current: id, isFresh: true, marked: undefined });
    loader.begin(message);
    send({ type: "open", conversation: id });
    beginDraft(id);
    markRead();
  });
  closeList();
}

export function chooseByAddress() {
  const { conversation: id, message } = parseAddress(location.hash);
  choose(id, message);
}

/** Follows a link to a message. */
export function chooseByLink(address) {
  if (location.hash !== address) history.pushState(undefined, "", address);
  chooseByAddress();
}

export function beginNew() {
  const id = newId();
  // Browser history keeps the previous conversation. Waiting for `hashchange` would lose what is typed in the meantime.
  goTo(`#${id}`);
  choose(id);
  focusField();
}

/** What is shown to the reader is read. */
export function markRead() {
  if (!document.hidden) markUnread(state.current, false);
}

/** Parses the hash: `#<conversation>`, or `#c/<conversation>/<message>`. Fields that it lacks are undefined. */
export function parseAddress(hash) {
  const [, known, message] = /^#c\/([\w-]{1,64})\/(.+)$/u.exec(hash) ?? [];
  if (known !== undefined) return { conversation: known, message: decoded(message) };
  const [, conversation] = /^#([\w-]{1,64})$/u.exec(hash) ?? [];
  return { conversation };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

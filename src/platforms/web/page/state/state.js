import { Conversation } from "./conversation.js";

/** The page's state. */
export const state = {
  /** The shown conversation's id. Empty until one is chosen. */
  current: "",
  /** The conversation was just chosen, so show its end. */
  isFresh: false,
  /** id → { id, title, atMs }, from the server. */
  listed: new Map(),
  conversations: new Map(),
  /** Conversations with an unread answer. */
  unread: new Set(),
  /** Action → the form that opens at its press, from the server. */
  forms: {},
  /** The time of the last erasure: earlier lines may quote erased messages. */
  forgettingAtMs: 0,
};

export function newId() {
  return crypto.getRandomValues(new Uint32Array(4)).reduce((id, word) => id + word.toString(36), "");
}

export function conversation(id = state.current) {
  if (!state.conversations.has(id)) state.conversations.set(id, new Conversation());
  return state.conversations.get(id);
}

/** Moves a conversation to the top of the list. */
export function touch(id, text) {
  const title = state.listed.get(id)?.title || text.trim().split("\n", 1)[0].slice(0, 80);
  state.listed.set(id, { id, title, atMs: Date.now() });
}

/** Removes lines that may quote erased messages. */
export function dropQuotes(beforeMs = Date.now()) {
  for (const each of state.conversations.values()) each.dropLinesBefore(beforeMs);
}

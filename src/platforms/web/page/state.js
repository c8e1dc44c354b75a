import { Conversation } from "./conversation.js";

/** What the page knows. */
export const state = {
  /** The id of the conversation that is shown. Empty before one is chosen. */
  current: "",
  /** The conversation was just chosen: its end is to be seen. */
  isFresh: false,
  /** id → { id, title, atMs }, as the server lists them. */
  listed: new Map(),
  conversations: new Map(),
  /** Conversations with an answer that was not looked at. */
  unread: new Set(),
  /** When something was last to be forgotten: what was shown before may quote it. */
  forgettingAtMs: 0,
};

export function newId() {
  return crypto.getRandomValues(new Uint32Array(4)).reduce((id, word) => id + word.toString(36), "");
}

export function conversation(id = state.current) {
  if (!state.conversations.has(id)) state.conversations.set(id, new Conversation());
  return state.conversations.get(id);
}

/** Something was said there: it is the newest one. */
export function touch(id, text) {
  const title = state.listed.get(id)?.title || text.trim().split("\n", 1)[0].slice(0, 80);
  state.listed.set(id, { id, title, atMs: Date.now() });
}

/** Lines may quote what is forgotten now. */
export function dropQuotes(beforeMs = Date.now()) {
  for (const each of state.conversations.values()) each.dropLinesBefore(beforeMs);
}

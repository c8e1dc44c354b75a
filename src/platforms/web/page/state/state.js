import { signalFields } from "../common/signal-fields.js";
import { Conversation } from "./conversation.js";

/**
 * The page's state. Its fields, and those of each `conversation(id)`, are signals: read them as plain fields, in a
 * component, a `computed` or an `effect`, which then follows their changes. Set them to new values; never change a map,
 * set or array in place.
 */
export const state = signalFields({
  /** The shown conversation's id. Empty until one is chosen. */
  current: "",
  /** The conversation was just chosen, so show its end. */
  isFresh: false,
  /** id → { id, title, atMs }, from the server. */
  listed: new Map(),
  unread: new Set(),
  /** The commands that the server knows: { name, description, … }. */
  commands: [],
  isVoiceHeard: false,
  isDemo: false,
  canSignOut: false,
  /** What to say about the connection. Empty while there is one. */
  connection: "",
  /** The server has refused the page. */
  isClosed: false,
  /** The message to scroll to: { id }. */
  marked: undefined,
  /** The turn that made a reply → the action of the person's verdict. */
  verdicts: new Map(),
  /** Action → the form that opens at its press, from the server. */
  forms: {},
  /** The time of the last erasure: earlier lines may quote erased messages. */
  forgettingAtMs: 0,
});

const conversations = new Map();

export function newId() {
  return crypto.getRandomValues(new Uint32Array(4)).reduce((id, word) => id + word.toString(36), "");
}

/** The conversation, which may be empty. */
export function conversation(id = state.current) {
  if (!conversations.has(id)) conversations.set(id, new Conversation());
  return conversations.get(id);
}

/** Adds a conversation to the list, or changes its line. */
export function list(entry) {
  state.listed = new Map(state.listed).set(entry.id, entry);
}

/** Takes a conversation off the list, and drops it where the page doesn't show it. */
export function unlist(id) {
  state.listed = new Map([...state.listed].filter(([each]) => each !== id));
  if (id !== state.current) conversations.delete(id);
}

/** Moves a conversation to the top of the list. */
export function touch(id, text) {
  const title = state.listed.get(id)?.title || text.trim().split("\n", 1)[0].slice(0, 80);
  list({ id, title, atMs: Date.now() });
}

export function markUnread(id, isUnread = true) {
  if (state.unread.has(id) === isUnread) return;
  state.unread = new Set(isUnread ? [...state.unread, id] : [...state.unread].filter((each) => each !== id));
}

/** The title of a conversation; it may have been erased. */
export function titleOf(id) {
  const entry = state.listed.get(id);
  return entry === undefined ? "New conversation" : entry.title || "Untitled conversation";
}

/** The mark of a conversation in the list: "running", "new" or undefined. */
export function markOf(id) {
  if (conversation(id).isBusy) return "running";
  return state.unread.has(id) ? "new" : undefined;
}

/** Removes lines that may quote erased messages. */
export function dropQuotes(beforeMs = Date.now()) {
  for (const each of conversations.values()) each.dropLinesBefore(beforeMs);
}

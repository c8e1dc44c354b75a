import type { ConversationKey } from "../../../domain/conversation.ts";

/** A conversation of the web chat, by the client's own id. */
export interface WebPlace {
  readonly user: string;
  readonly conversation: string;
}

export function keyFor({ user, conversation }: WebPlace): ConversationKey {
  return `web:${user}:${conversation}`;
}

export function placeOf(key: ConversationKey): WebPlace {
  return { user: key.slice("web:".length, key.lastIndexOf(":")), conversation: conversationOf(key) };
}

/** The client's own id of a conversation of the web chat. */
export function conversationOf(key: string): string {
  return key.slice(key.lastIndexOf(":") + 1);
}

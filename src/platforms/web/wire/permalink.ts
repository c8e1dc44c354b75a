import type { MessageId } from "../../../domain/message.ts";
import type { WebPlace } from "./keys.ts";

/**
 * A link to a message: a path below the page's address. It leads nowhere for others, because pages look it up among
 * the reader's own conversations.
 */
export function permalinkTo({ conversation }: Pick<WebPlace, "conversation">, message: MessageId): string {
  // Clients choose these ids: half a surrogate pair can't be encoded, and brackets would end the link in Markdown.
  const id = encodeURIComponent(message.toWellFormed()).replaceAll(
    /[()*!'~]/gu,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `/#c/${conversation}/${id}`;
}

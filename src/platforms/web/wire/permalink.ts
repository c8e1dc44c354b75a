import type { MessageId } from "../../../domain/message.ts";
import type { WebPlace } from "./keys.ts";

/**
 * A link that opens the page at a message: a path of the address where the page is served. For whom the conversation is
 * not it leads nowhere: a conversation is looked up among the reader's own.
 */
export function permalinkTo({ conversation }: Pick<WebPlace, "conversation">, message: MessageId): string {
  // Clients choose these ids: half a character can't be written in a link, and brackets would end one in Markdown.
  const id = encodeURIComponent(message.toWellFormed()).replaceAll(
    /[()*!'~]/gu,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `/#c/${conversation}/${id}`;
}

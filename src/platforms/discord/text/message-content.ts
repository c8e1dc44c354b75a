import type { APIMessage } from "discord.js";

/** The fields of a message that are read, from any source: an event, a page of history, a replied-to message. */
export type MessageContent = Pick<APIMessage, "content" | "author" | "attachments"> &
  Partial<
    Pick<
      APIMessage,
      | "type"
      | "flags"
      | "webhook_id"
      | "embeds"
      | "components"
      | "poll"
      | "sticker_items"
      | "message_snapshots"
      | "interaction"
      | "interaction_metadata"
    >
  >;

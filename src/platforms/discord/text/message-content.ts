import type { APIMessage } from "discord.js";

/** A message wherever it comes from: an event, a page of history, what another one replies to. */
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

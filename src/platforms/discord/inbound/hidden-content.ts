import type { GatewayMessage } from "./to-said.ts";

/** The text of a message whose author edited it in a way that the bot can't read. */
export const hiddenEditText = "[edited to a text that is hidden from me, as it doesn't mention me]";

/** Who sees what, as Discord decides. */
export interface ContentAccess {
  /** The bot has the Message Content intent. */
  readonly readsContent: boolean;
  /** The bot's user id. */
  readonly self: string;
}

/**
 * Whether Discord hides what is in a message: its text, files, cards and poll come empty. It shows them in DMs, in messages that
 * mention the bot (a reply to its post does, unless the ping is off), and in its own.
 * https://docs.discord.com/developers/events/gateway#message-content-intent
 */
export function isHidden(
  { guild_id: guild, author, mentions }: Pick<GatewayMessage, "guild_id" | "author" | "mentions">,
  { readsContent, self }: ContentAccess,
): boolean {
  if (readsContent || guild === undefined || author.id === self) return false;
  return !mentions.some(({ id }) => id === self);
}

import type { World } from "./world.ts";

/**
 * What an app without the Message Content intent gets of a message, from the gateway as from REST: in a guild nothing of what is
 * in it, unless it mentions the app or is its own.
 * https://docs.discord.com/developers/events/gateway#message-content-intent
 */
export function withoutContent(world: World, message: Record<string, unknown>): Record<string, unknown> {
  const { referenced_message: answered, author, mentions, channel_id: channel } = message;
  if (author === undefined) return message;
  const shown = isRecord(answered)
    ? { ...message, referenced_message: withoutContent(world, answered) }
    : message;
  const isDirect = world.channels.get(String(channel))?.guild === undefined;
  const isSeen = [author, ...(Array.isArray(mentions) ? mentions : [])].some(
    (user) => isRecord(user) && user["id"] === world.bot.id,
  );
  if (isDirect || isSeen) return shown;
  const { poll: _, ...rest } = shown;
  return { ...rest, content: "", attachments: [], embeds: [], components: [] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

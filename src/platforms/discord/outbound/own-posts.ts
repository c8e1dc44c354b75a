import type { APIMessage } from "discord.js";

import { PlatformError } from "../../../ports/platform-error.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { byAge } from "../wire/snowflake.ts";

const pageSize = 100;
const maxPages = 5;

interface Search {
  readonly channel: string;
  readonly after: string;
  readonly author: string;
}

/** One author's messages after another message, oldest first. Empty if the channel doesn't exist. */
export async function ownPostsAfter(
  api: DiscordApi,
  { channel, after, author }: Search,
  signal: AbortSignal,
): Promise<readonly APIMessage[]> {
  const found: APIMessage[] = [];
  let last = after;
  for (let page = 0; page < maxPages; page += 1) {
    const messages = await messagesOrNone(api, channel, last, signal);
    const sorted = messages.toSorted(byAge);
    found.push(...sorted.filter((message) => message.author.id === author));
    last = sorted.at(-1)?.id ?? last;
    if (messages.length < pageSize) break;
  }
  return found;
}

async function messagesOrNone(
  api: DiscordApi,
  channel: string,
  after: string,
  signal: AbortSignal,
): Promise<readonly APIMessage[]> {
  try {
    return await api.messagesAfter(channel, after, signal);
  } catch (error) {
    if (error instanceof PlatformError && error.kind === "gone") return [];
    throw error;
  }
}

import { PermissionFlagsBits, type APIMessage, type Client } from "discord.js";

import type { Message } from "../../../domain/message.ts";
import type { Platform } from "../../../ports/platform.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { toMessage } from "../inbound/quoted-message.ts";
import { isChatMessage, isPlaceholder } from "../inbound/to-said.ts";
import { readTarget } from "../wire/address.ts";
import { byAge } from "../wire/snowflake.ts";

interface MessagesFromPorts {
  readonly client: Client;
  readonly api: DiscordApi;
}

/** For all pages: a person waits. */
const deadlineMs = 15_000;
const pageSize = 100;
/** Discord's own lines, and what the bot may not see, are among them. */
const maxPages = 10;

/** From the gateway's cache; true if unknown. */
function mayRead(client: Client, id: string): boolean {
  const channel = client.channels.cache.get(id);
  if (channel === undefined || channel.isDMBased()) return true;
  const self = channel.guild.members.me;
  return self === null || channel.permissionsFor(self).has(PermissionFlagsBits.ReadMessageHistory);
}

/** Reads what was said in a channel, thread or DM from a message on. Each 100 messages are a call. @throws {PlatformError} */
export function messagesFrom({ client, api }: MessagesFromPorts): NonNullable<Platform["fetchFrom"]> {
  return async ({ message: first, replyTo, conversation }, limit, signal) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const { channel } = readTarget(replyTo);
    const [, guild] = conversation.split(":", 2);
    // Discord would only return nothing.
    if (!mayRead(client, channel)) throw new PlatformError("forbidden", "The history may not be read");
    const self = client.user?.id ?? "";
    const read: Message[] = [first];
    const own = new Set(first.author.id === self ? [first.id] : []);
    const keep = (given: APIMessage): void => {
      if (given.author.id === self) own.add(given.id);
      else if (!isChatMessage(given, self)) return;
      if (isPlaceholder(given)) return;
      const message = toMessage(client, given, guild === "dm" ? undefined : guild);
      if (message.text !== "" || message.attachments.length > 0) read.push(message);
    };
    try {
      let after = first.id;
      for (let pages = 0; pages < maxPages && read.length <= limit; pages += 1) {
        const page = (await api.messagesAfter(channel, after, deadline)).toSorted(byAge);
        page.forEach(keep);
        after = page.at(-1)?.id ?? after;
        if (page.length < pageSize && read.length <= limit) return { messages: read, own, isCut: false };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PlatformError || !deadline.aborted) throw error;
      throw new PlatformError("unreachable", "Discord did not return the messages in time", { cause: error });
    }
    return { messages: read.slice(0, limit), own, isCut: true };
  };
}

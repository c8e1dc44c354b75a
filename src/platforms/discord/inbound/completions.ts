import type { Client } from "discord.js";

import type { Accept } from "../../../ports/accept.ts";
import { findRoom } from "../api/channels.ts";
import type { DiscordApi } from "../api/discord-api.ts";
import { namesFor } from "../api/user-names.ts";
import { textOf } from "../text/message-text.ts";
import { nonceOf } from "../wire/message-body.ts";
import { fallbackConversation } from "./locate-message.ts";
import type { GatewayMessage } from "./to-said.ts";

export interface CompletionPorts {
  readonly client: Client;
  readonly api: DiscordApi;
  readonly accept: Accept;
}

/**
 * Accepts what a message says by now without an edit of its author: the cards of an app's links arrive late, a poll gets its
 * votes when it ends, the title of a forum's post changes. It needs no answer, and is no question. `version`: the same in each
 * delivery of the change; missing: the text says it, for it does not change back.
 */
export async function acceptCompletion(
  ports: CompletionPorts,
  message: GatewayMessage,
  signal: AbortSignal,
  version?: string,
): Promise<void> {
  const room = await findRoom(ports, message, signal);
  const text = textOf(message, namesFor(ports.client, message));
  const completed = {
    kind: "edited",
    conversation: fallbackConversation(room, message.id),
    // The same update comes again, such as when a thread is opened on the message.
    dedupeId: `discord:${message.id}:completed:${version ?? nonceOf(text)}`,
    platform: "discord",
    place: room.place,
    message: message.id,
    text,
    isByApp: true,
  } as const;
  await ports.accept(completed, signal);
}

import { MessageType, type APIMessageApplicationCommandInteraction, type Client } from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Said } from "../../../domain/inbound.ts";
import type { Directory } from "../../../ports/directory.ts";
import { conversationOf, type Room } from "../api/channels.ts";
import { threadOf } from "../outbound/conversation-picker.ts";
import { addressOf } from "../wire/address.ts";
import { isAway } from "./away.ts";
import { roomOfInteraction } from "./interaction-facts.ts";
import { fallbackConversation, locateIfKnown } from "./locate-message.ts";
import { toMessage } from "./quoted-message.ts";

interface ChosenPorts {
  readonly client: Client;
  readonly directory: Directory;
}

/**
 * The message in whose menu an entry was chosen. Discord sends all of it, also without the Message Content intent, and where the
 * bot is no member. Undefined: nothing of it can be read. https://docs.discord.com/developers/events/gateway#message-content-intent
 */
export async function chosenMessage(
  ports: ChosenPorts,
  interaction: APIMessageApplicationCommandInteraction,
  signal: AbortSignal,
): Promise<Said | undefined> {
  const { target_id: id, resolved } = interaction.data;
  const given = resolved.messages[id];
  if (given === undefined) return undefined;
  const isStarter = given.type === MessageType.ThreadStarterMessage;
  const room = roomOfInteraction(ports.client, interaction);
  const message = toMessage(
    ports.client,
    (isStarter ? given.referenced_message : given) ?? given,
    room.guild,
  );
  if (message.text === "" && message.attachments.length === 0) return undefined;
  const conversation = isAway(ports.client, interaction)
    ? fallbackConversation(room, message.id)
    : await conversationAt(ports, room, message.id, signal);
  const how = room.kind === "direct" ? "direct" : "reply";
  const topic = threadOf({ conversation });
  return {
    kind: "said",
    conversation,
    dedupeId: `discord:${message.id}`,
    platform: "discord",
    place: room.place,
    addressing: "open",
    message,
    replyTo: addressOf({ how, channel: room.channel, message: message.id, user: message.author.id, topic }),
  };
}

/** In a plain channel, that of the message; a message without one may begin one. */
async function conversationAt(
  { directory }: ChosenPorts,
  room: Room,
  message: string,
  signal: AbortSignal,
): Promise<ConversationKey> {
  if (room.kind !== "channel") return conversationOf(room);
  return (await locateIfKnown(directory, room, message, signal)) ?? fallbackConversation(room, message);
}

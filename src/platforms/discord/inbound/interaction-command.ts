import type { APIInteraction } from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { CommandInbound } from "../../../domain/inbound.ts";
import { interactionAddress } from "../wire/address.ts";
import type { Room } from "../api/channels.ts";
import type { CommandAuthor } from "./interaction-facts.ts";
import { threadOf, type PickedCommand } from "../outbound/conversation-picker.ts";
import { madeAtMs } from "../wire/snowflake.ts";

/** What was ordered. */
export interface Given {
  readonly order: PickedCommand;
  /** The id of the offer whose button was pressed. Missing: it was no button. */
  readonly offer?: string;
}

/** Where a command was given, and for which conversation. */
export interface Ordered extends CommandAuthor {
  readonly room: Room;
  readonly to: ConversationKey;
  /** The conversation's name, where it was picked. */
  readonly picked?: string;
}

/** The order that an interaction gives. */
export function commandFrom(
  interaction: APIInteraction,
  { order, offer }: Given,
  { room, to, picked: name, by, rights }: Ordered,
  nowMs: number,
): CommandInbound {
  return {
    ...order,
    kind: "commanded",
    conversation: to,
    // Of the buttons under one line only the first that is pressed counts.
    dedupeId: offer === undefined ? `discord:interaction:${interaction.id}` : `discord:offer:${offer}`,
    platform: "discord",
    place: room.place,
    by,
    ...(rights === undefined ? {} : { rights }),
    saidAtMs: madeAtMs(interaction.id),
    replyTo: interactionAddress(
      {
        how: "interaction",
        channel: room.channel,
        interaction: interaction.id,
        application: interaction.application_id,
        token: interaction.token,
        user: by.id,
        topic: threadOf({ conversation: to }),
        ...(name === undefined ? {} : { picked: name }),
      },
      nowMs,
    ),
  };
}

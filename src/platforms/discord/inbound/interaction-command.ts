import type { APIInteraction } from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { CommandInbound, Pressed } from "../../../domain/inbound.ts";
import { valueOfChoice, type Offer } from "../../../domain/offer.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Clock } from "../../../ports/clock.ts";
import { conversationOf, type Room } from "../api/channels.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { threadOf, type PickedCommand } from "../outbound/conversation-picker.ts";
import { interactionAddress } from "../wire/address.ts";
import { createdAtMs } from "../wire/snowflake.ts";
import type { CommandAuthor } from "./interaction-facts.ts";

export interface AcceptCommandPorts {
  readonly accept: Accept;
  readonly clock: Clock;
}

export interface ChosenCommand {
  readonly command: PickedCommand;
  /** The offer whose button was pressed. Missing: it was no button. */
  readonly offer?: Pick<Offer, "id" | "atMs">;
}

/** Where a command was given, by whom, and for which conversation. */
export interface CommandContext extends CommandAuthor {
  readonly room: Room;
  readonly to: ConversationKey;
  /** The conversation's name, if it was picked from a list. */
  readonly picked?: string;
}

/** Stores an interaction's command. Rejects with the signal's reason when that fires first. */
export function acceptCommand(
  { accept, clock }: AcceptCommandPorts,
  interaction: APIInteraction,
  { chosen, context }: { readonly chosen: ChosenCommand; readonly context: CommandContext },
  signal: AbortSignal,
): ReturnType<Accept> {
  const command = toCommandInbound(interaction, chosen, context, clock.nowMs());
  const inbound = chosen.offer === undefined ? command : pressOf(command, chosen.offer);
  return raceAbort(accept(inbound, signal), signal);
}

/** The press of the button that gives the command. */
function pressOf(command: CommandInbound, { id, atMs }: Pick<Offer, "id" | "atMs">): Pressed {
  const { name: _, argument: _argument, saidAtMs, ...rest } = command;
  const value = valueOfChoice(command, atMs);
  return { ...rest, kind: "pressed", action: "give-command", on: id, value, pressedAtMs: saidAtMs };
}

function toCommandInbound(
  interaction: APIInteraction,
  { command, offer }: ChosenCommand,
  { room, to, picked: name, by, rights }: CommandContext,
  nowMs: number,
): CommandInbound {
  return {
    ...command,
    kind: "commanded",
    conversation: to,
    // Of the buttons of one offer only the first press counts.
    dedupeId: offer === undefined ? `discord:interaction:${interaction.id}` : `discord:offer:${offer.id}`,
    platform: "discord",
    place: room.place,
    by,
    ...(rights === undefined ? {} : { rights }),
    saidAtMs: createdAtMs(interaction.id),
    ...(room.kind === "channel" && to === conversationOf(room) ? { isOutside: true } : {}),
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

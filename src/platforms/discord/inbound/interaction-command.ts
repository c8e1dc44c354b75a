import type { APIInteraction } from "discord.js";

import type { CommandInbound, Pressed, Said } from "../../../domain/inbound.ts";
import { valueOfChoice, type Offer } from "../../../domain/offer.ts";
import type { Accept } from "../../../ports/accept.ts";
import type { Clock } from "../../../ports/clock.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import type { PickedCommand } from "../outbound/conversation-picker.ts";
import { createdAtMs } from "../wire/snowflake.ts";
import { baseOf, type InteractionContext } from "./interaction-base.ts";

export interface AcceptCommandPorts {
  readonly accept: Accept;
  readonly clock: Clock;
}

export interface ChosenCommand {
  readonly command: PickedCommand;
  /** The offer whose button was pressed. Missing: it was no button. */
  readonly offer?: Pick<Offer, "id" | "atMs">;
  /** The message in whose menu it was given. Missing: none. */
  readonly about?: Said;
}

/** Stores an interaction's command. Rejects with the signal's reason when that fires first. */
export function acceptCommand(
  { accept, clock }: AcceptCommandPorts,
  interaction: APIInteraction,
  { chosen, context }: { readonly chosen: ChosenCommand; readonly context: InteractionContext },
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
  { command, offer, about }: ChosenCommand,
  context: InteractionContext,
  nowMs: number,
): CommandInbound {
  return {
    ...command,
    ...baseOf(interaction, context, nowMs),
    kind: "commanded",
    // Of the buttons of one offer only the first press counts.
    dedupeId: offer === undefined ? `discord:interaction:${interaction.id}` : `discord:offer:${offer.id}`,
    saidAtMs: createdAtMs(interaction.id),
    ...(about === undefined ? {} : { about }),
  };
}

import type { APIMessageComponentButtonInteraction, Client } from "discord.js";

import type { Pressed } from "../../../domain/inbound.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { conversationOf } from "../api/channels.ts";
import type { PressedAction } from "../wire/action-buttons.ts";
import { acknowledged, privateResponse, type FirstResponse } from "../wire/first-response.ts";
import { createdAtMs } from "../wire/snowflake.ts";
import { baseOf } from "./interaction-base.ts";
import type { AcceptCommandPorts } from "./interaction-command.ts";
import { commandAuthor, roomOfInteraction } from "./interaction-facts.ts";

interface ActionPressPorts extends AcceptCommandPorts {
  readonly client: Client;
}

/**
 * Stores the press of a button under a post that everyone sees. Each press is stored by itself, since people with different
 * rights may press the same button; some actions count once for each person. The post stays as it is.
 */
export async function respondToAction(
  { client, accept, clock }: ActionPressPorts,
  interaction: APIMessageComponentButtonInteraction,
  { topic, ...pressed }: PressedAction,
  signal: AbortSignal,
): Promise<FirstResponse> {
  const room = roomOfInteraction(client, interaction);
  const to = conversationOf({ ...room, channel: topic });
  const author = commandAuthor(interaction, room.kind === "thread" ? "thread" : "channel");
  const inbound: Pressed = {
    ...baseOf(interaction, { room, to, ...author, isUnderPost: true }, clock.nowMs()),
    kind: "pressed",
    dedupeId: `discord:interaction:${interaction.id}`,
    on: to,
    ...pressed,
    pressedAtMs: createdAtMs(interaction.id),
  };
  const acceptance = await raceAbort(accept(inbound, signal), signal);
  // A duplicate may be another press of the person: Discord calls an interaction without a response failed.
  return acceptance === "ignored" ? privateResponse("That conversation was deleted.") : acknowledged;
}

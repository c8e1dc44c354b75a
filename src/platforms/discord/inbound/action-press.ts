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
 * Stores the press of a button under a post that everyone sees. Each press counts by itself, since people with different
 * rights may press the same button. The post stays as it is. Undefined: another replica has stored it and responds.
 */
export async function respondToAction(
  { client, accept, clock }: ActionPressPorts,
  interaction: APIMessageComponentButtonInteraction,
  { topic, ...pressed }: PressedAction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
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
  if (acceptance === "duplicate") return undefined;
  return acceptance === "stored" ? acknowledged : privateResponse("That conversation was deleted.");
}

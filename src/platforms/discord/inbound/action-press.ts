import type { APIInteraction, APIModalSubmitInteraction, Client } from "discord.js";

import { formOf } from "../../../domain/action-form.ts";
import type { ActionId, Pressed } from "../../../domain/inbound.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { conversationOf } from "../api/channels.ts";
import { parseActionId, type PressedAction } from "../wire/action-buttons.ts";
import { openForm, textInForm } from "../wire/action-form.ts";
import { acknowledged, privateResponse, thanks, type FirstResponse } from "../wire/first-response.ts";
import { createdAtMs } from "../wire/snowflake.ts";
import { baseOf } from "./interaction-base.ts";
import type { AcceptCommandPorts } from "./interaction-command.ts";
import { commandAuthor, roomOfInteraction } from "./interaction-facts.ts";

interface ActionPressPorts extends AcceptCommandPorts {
  readonly client: Client;
}

/** The post shows no sign of this press, so a line says that it counts. */
const thanked: ActionId = "thumbs-up";
const gone = privateResponse("That conversation was deleted.");

/**
 * Stores the press of a button under a post that everyone sees. Each press is stored by itself, since people with different
 * rights may press the same button; some actions count once for each person. The post stays as it is.
 */
export async function respondToAction(
  ports: ActionPressPorts,
  interaction: APIInteraction,
  pressed: PressedAction,
  signal: AbortSignal,
): Promise<FirstResponse> {
  // A duplicate may be another press of the person: Discord calls an interaction without a response failed.
  if ((await acceptPress(ports, interaction, pressed, signal)) === "ignored") return gone;
  const form = formOf(pressed.action);
  // Discord opens a form only as the first response.
  if (form !== undefined) return openForm(form, pressed);
  return pressed.action === thanked ? thanks : acknowledged;
}

/** Stores what a person wrote in the form of a press. Undefined: the form isn't ours. */
export async function respondToForm(
  ports: ActionPressPorts,
  interaction: APIModalSubmitInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const pressed = parseActionId(interaction.data.custom_id);
  if (pressed === undefined) return undefined;
  const value = textInForm(interaction.data);
  if (value === "") return thanks;
  const acceptance = await acceptPress(ports, interaction, { ...pressed, value }, signal);
  return acceptance === "ignored" ? gone : thanks;
}

/** Rejects with the signal's reason when that fires first. */
function acceptPress(
  { client, accept, clock }: ActionPressPorts,
  interaction: APIInteraction,
  { topic, ...pressed }: PressedAction,
  signal: AbortSignal,
): ReturnType<typeof accept> {
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
  return raceAbort(accept(inbound, signal), signal);
}

import type { APIMessageComponentButtonInteraction } from "discord.js";

import { conversationOf } from "../api/channels.ts";
import { threadOf } from "../outbound/conversation-picker.ts";
import { acknowledged, oneMoment, privateResponse, type FirstResponse } from "../wire/first-response.ts";
import { parseActionId } from "../wire/action-buttons.ts";
import { parseButtonId, type PressedButton } from "../wire/offer-buttons.ts";
import { respondToAction } from "./action-press.ts";
import { acceptCommand } from "./interaction-command.ts";
import { commandAuthor, roomOfInteraction } from "./interaction-facts.ts";
import { acceptForListed } from "./listed-conversation.ts";
import { needsPicker, showPicker, type SlashCommandPorts } from "./slash-command.ts";

/** Handles a press. Undefined: the button isn't ours, or another replica responds. */
export async function respondToButton(
  ports: SlashCommandPorts,
  interaction: APIMessageComponentButtonInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const { custom_id: customId } = interaction.data;
  const action = parseActionId(customId);
  if (action !== undefined) return respondToAction(ports, interaction, action, signal);
  const offered = parseButtonId(customId);
  return offered === undefined ? undefined : respondToOffer(ports, interaction, offered, signal);
}

/** The button stands in a message that only the asker sees. */
async function respondToOffer(
  ports: SlashCommandPorts,
  interaction: APIMessageComponentButtonInteraction,
  { id, topic, atMs, name, argument }: PressedButton,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const chosen = { command: { name, argument }, offer: { id, atMs } };
  const room = roomOfInteraction(ports.client, interaction);
  if (threadOf({ conversation: conversationOf(room) }) !== topic)
    return acceptForListed(ports, interaction, { topic, chosen, response: oneMoment(interaction) }, signal);
  if (needsPicker(ports, room, name)) return showPicker(ports, interaction, { name, argument }, signal);
  const author = commandAuthor(interaction, room.kind === "thread" ? "thread" : "channel");
  const context = { room, to: conversationOf(room), ...author };
  const acceptance = await acceptCommand(ports, interaction, { chosen, context }, signal);
  if (acceptance === "duplicate") return acknowledged;
  return acceptance === "stored" ? oneMoment(interaction) : privateResponse("Nothing here yet.");
}

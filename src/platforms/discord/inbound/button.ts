import type { APIMessageComponentButtonInteraction } from "discord.js";

import { conversationOf } from "../api/channels.ts";
import { threadOf } from "../outbound/conversation-picker.ts";
import { acknowledged, oneMoment, privateResponse, type FirstResponse } from "../wire/first-response.ts";
import { parseButtonId } from "../wire/offer-buttons.ts";
import { acceptCommand } from "./interaction-command.ts";
import { commandAuthor, roomOfInteraction } from "./interaction-facts.ts";
import { acceptForListed, type ListedCommandPorts } from "./listed-conversation.ts";

/** Handles the press of an offer's button, in a message that only the asker sees. Undefined: the button isn't ours. */
export async function respondToButton(
  ports: ListedCommandPorts,
  interaction: APIMessageComponentButtonInteraction,
  signal: AbortSignal,
): Promise<FirstResponse | undefined> {
  const pressed = parseButtonId(interaction.data.custom_id);
  if (pressed === undefined) return undefined;
  const { id, topic, atMs, name, argument } = pressed;
  const chosen = { command: { name, argument }, offer: { id, atMs } };
  const room = roomOfInteraction(ports.client, interaction);
  if (threadOf({ conversation: conversationOf(room) }) !== topic)
    return acceptForListed(ports, interaction, { topic, chosen }, signal);
  const author = commandAuthor(interaction, room.kind === "thread" ? "thread" : "channel");
  const context = { room, to: conversationOf(room), ...author };
  const acceptance = await acceptCommand(ports, interaction, { chosen, context }, signal);
  if (acceptance === "duplicate") return acknowledged;
  return acceptance === "stored" ? oneMoment : privateResponse("Nothing here yet.");
}
